import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { Released } from "../evolution/released.js";
import type { Aggregate, Model } from "../model/model.js";
import { createSchemaImporter } from "./import-schema.js";
import type { ModelDocument, Sources } from "./load.js";
import type { Origin } from "./origins.js";
import { originsOf, sharedOrigin } from "./origins.js";
import { draftAggregates } from "./resolve/aggregates.js";
import { resolveCommands } from "./resolve/commands.js";
import { resolveConsumers } from "./resolve/consumers.js";
import type { Context } from "./resolve/context.js";
import { createContext } from "./resolve/context.js";
import { checkEndless } from "./resolve/endless.js";
import { resolveEnvironments } from "./resolve/environments.js";
import { resolveGenerate } from "./resolve/generate.js";
import { checkGeneratedNames } from "./resolve/generated-names.js";
import type { KnownTypes } from "./resolve/known-types.js";
import { createTypeMemory } from "./resolve/known-types.js";
import type { ProvedMappings } from "./resolve/mappings.js";
import { resolveMappings } from "./resolve/mappings.js";
import { longOf, merge } from "./resolve/merge.js";
import { resolveNamedTypes } from "./resolve/named-types.js";
import { checkNesting } from "./resolve/nesting.js";
import { draftProjections, resolveProjections } from "./resolve/projections.js";
import { resolvePulsar } from "./resolve/pulsar.js";
import { resolveScenarios } from "./resolve/scenarios.js";
import { resolveTopics } from "./resolve/topics.js";
import type { TypeScope } from "./resolve/type-scope.js";
import { resolveVerify } from "./resolve/verify.js";
import { keepWireOrder } from "./resolve/wire-order.js";

/**
 * What the documents of a model mean together. They have the form that model.schema.json describes; everything else
 * that is wrong with them is found here, all of it in one run. There is a model when there is no error.
 */
export const resolve = (
  documents: readonly ModelDocument[],
  sources: Sources,
  { released, proved, types: knownTypes }: Knowledge = {},
): Resolved => {
  const long = longOf(documents);
  const context = createContext(long);
  const merged = merge(documents, context);
  const pulsar = resolvePulsar(merged, context);
  const generate = resolveGenerate(merged.generate, context);
  const verify = resolveVerify(merged.verify, context);

  const schemas = new Set<string>();
  const readSchema: Sources["read"] = (path) => {
    schemas.add(path);
    return sources.read(path);
  };
  // First the types of everything, so that whatever maps or refers finds them complete.
  const scope = resolveNamedTypes(
    merged.types,
    createSchemaImporter({ ...sources, read: readSchema }, { long }),
    context,
  );
  const topics = resolveTopics(merged.aggregates, pulsar, context, released);
  const shared = (): string =>
    sharedOrigin(documents, [...scope.named.values(), ...scope.schemas.named], schemas, sources);
  const memory =
    knownTypes === undefined || context.failed() ? undefined : createTypeMemory(knownTypes, shared(), sources);
  const drafts = draftAggregates(merged.aggregates, topics, scope, context, memory?.get);
  if (released !== undefined) keepWireOrder(topics, drafts, released, context);
  for (const draft of drafts.aggregates.values()) {
    draft.aggregate.commands = resolveCommands(draft, drafts, scope, context);
  }
  const projectionDrafts = draftProjections(merged.projections, drafts, pulsar, scope, context);
  const types = completeTypes(scope, context);

  // Then what maps one to another.
  const aggregates = [...drafts.aggregates.values()].map((draft) => draft.aggregate);
  const origins: Resolved["origins"] = context.failed() ? new Map() : originsOf(aggregates, shared(), sources);
  const functions = resolveMappings(drafts, origins, proved, scope, context);
  for (const draft of drafts.aggregates.values()) {
    draft.aggregate.scenarios = resolveScenarios(draft, drafts, scope, context);
  }
  const projections = resolveProjections(projectionDrafts, drafts, functions, scope, context);
  const consumers = resolveConsumers(merged.consumers, drafts, functions, pulsar, context);

  const model: Model = {
    system: merged.system.source,
    ...(merged.description === undefined ? {} : { description: merged.description.source }),
    ...{ long, pulsar, types, aggregates, projections, consumers, generate, verify, accepted: merged.accepted },
    place: { file: merged.system.place.file, path: [] },
    environments: resolveEnvironments(merged, new Set(topics.values()), context),
    topics: [...new Set(topics.values())],
  };
  const known = [...drafts.aggregates.values()].filter((draft) => draft.types === "known");
  checkGeneratedNames(model, context, new Set(known.map(({ aggregate }) => aggregate)));
  const { diagnostics } = context;
  if (hasErrors(diagnostics)) return { diagnostics };
  memory?.add(drafts);
  return { model, origins, diagnostics };
};

interface Knowledge {
  /** What has been released keeps its place on the wire. */
  readonly released?: Released | undefined;
  /** Mappings that are known to be right are not proved again. */
  readonly proved?: ProvedMappings | undefined;
  /** Types that are known to be right are resolved only where they are looked at. */
  readonly types?: KnownTypes | undefined;
}

interface Resolved {
  readonly model?: Model;
  /** What each aggregate is made from. */
  readonly origins?: ReadonlyMap<Aggregate, Origin>;
  readonly diagnostics: readonly Diagnostic[];
}

/** All named types, those of JSON Schemas among them, once what had to wait for them has been checked. */
const completeTypes = (scope: TypeScope, context: Context): Model["types"] => {
  const types = [...scope.named.values(), ...scope.schemas.named];
  checkEndless(types, scope.broken, context);
  checkNesting(types, scope.broken, context);
  for (const check of scope.later.splice(0)) check();
  return types;
};
