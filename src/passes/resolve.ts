import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { Released } from "../evolution/released.js";
import type { FunctionReference } from "../mapping/expression.js";
import type { Event, Model } from "../model/model.js";
import { createSchemaImporter } from "./import-schema.js";
import type { ModelDocument, Sources } from "./load.js";
import { draftAggregates } from "./resolve/aggregates.js";
import { checkBecoming, resolveBecoming } from "./resolve/becomes.js";
import { resolveCommands } from "./resolve/commands.js";
import { resolveConsumers } from "./resolve/consumers.js";
import type { Context } from "./resolve/context.js";
import { createContext } from "./resolve/context.js";
import type { Drafts } from "./resolve/drafts.js";
import { checkEndless } from "./resolve/endless.js";
import { resolveEnvironments } from "./resolve/environments.js";
import { distinctFunctions } from "./resolve/functions.js";
import { resolveGenerate } from "./resolve/generate.js";
import { checkGeneratedNames } from "./resolve/generated-names.js";
import { longOf, merge } from "./resolve/merge.js";
import { resolveNamedTypes } from "./resolve/named-types.js";
import { checkNesting } from "./resolve/nesting.js";
import { draftProjections, resolveProjections } from "./resolve/projections.js";
import { resolvePulsar } from "./resolve/pulsar.js";
import { resolveScenarios } from "./resolve/scenarios.js";
import { resolveTopics } from "./resolve/topics.js";
import type { TypeScope } from "./resolve/type-scope.js";
import { resolveUpcasts } from "./resolve/upcasts.js";
import { keepWireOrder } from "./resolve/wire-order.js";

/**
 * What the documents of a model mean together. They have the form that model.schema.json describes; everything else
 * that is wrong with them is found here, all of it in one run. There is a model when there is no error. What has been
 * released keeps its place on the wire.
 */
export const resolve = (
  documents: readonly ModelDocument[],
  sources: Sources,
  released?: Released,
): { readonly model?: Model; readonly diagnostics: readonly Diagnostic[] } => {
  const long = longOf(documents);
  const context = createContext(long);
  const merged = merge(documents, context);
  const pulsar = resolvePulsar(merged, context);
  const generate = resolveGenerate(merged.generate, context);

  // First the types of everything, so that whatever maps or refers finds them complete.
  const scope = resolveNamedTypes(merged.types, createSchemaImporter(sources, { long }), context);
  const topics = resolveTopics(merged.aggregates, pulsar, context, released);
  const drafts = draftAggregates(merged.aggregates, topics, scope, context);
  if (released !== undefined) keepWireOrder(topics, drafts, released, context);
  for (const draft of drafts.aggregates.values()) {
    draft.aggregate.commands = resolveCommands(draft, drafts, scope, context);
  }
  const projectionDrafts = draftProjections(merged.projections, drafts, pulsar, scope, context);
  const types = completeTypes(scope, context);

  // Then what maps one to another.
  const functions = resolveMappings(drafts, scope, context);
  for (const draft of drafts.aggregates.values()) {
    draft.aggregate.scenarios = resolveScenarios(draft, drafts, scope, context);
  }
  const projections = resolveProjections(projectionDrafts, drafts, functions, scope, context);
  const consumers = resolveConsumers(merged.consumers, drafts, functions, pulsar, context);

  const model: Model = {
    system: merged.system.source,
    ...(merged.description === undefined ? {} : { description: merged.description.source }),
    ...{ long, pulsar, types, projections, consumers, generate },
    environments: resolveEnvironments(merged, new Set(topics.values()), context),
    aggregates: [...drafts.aggregates.values()].map((draft) => draft.aggregate),
    topics: [...new Set(topics.values())],
  };
  checkGeneratedNames(model, context);
  const { diagnostics } = context;
  return hasErrors(diagnostics) ? { diagnostics } : { model, diagnostics };
};

/** All named types, those of JSON Schemas among them, once what had to wait for them has been checked. */
const completeTypes = (scope: TypeScope, context: Context): Model["types"] => {
  const types = [...scope.named.values(), ...scope.schemas.named];
  checkEndless(types, scope.broken, context);
  checkNesting(types, scope.broken, context);
  for (const check of scope.later.splice(0)) check();
  return types;
};

/** How versions are upcast and what retired events become; the functions that the reading of each event may call. */
const resolveMappings = (
  drafts: Drafts,
  scope: TypeScope,
  context: Context,
): ReadonlyMap<Event, readonly FunctionReference[]> => {
  const functions = new Map<Event, readonly FunctionReference[]>();
  for (const { aggregate, events } of drafts.aggregates.values()) {
    for (const draft of events) {
      const upcasts = resolveUpcasts(draft, aggregate, scope, context);
      const becomings = resolveBecoming(draft, drafts, scope, context);
      functions.set(draft.event, [...upcasts, ...becomings]);
    }
    aggregate.functions = distinctFunctions(
      events.flatMap(({ event }) => functions.get(event) ?? []),
      context,
    );
    checkBecoming(events, context);
  }
  return functions;
};
