import type { Place } from "../diagnostics/diagnostic.js";
import type { Aggregate, Model } from "../model/model.js";
import type { ModelDocument, Sources } from "./load.js";

/** Texts that say all that something is made from. They may be long, and are shared by many. */
export type Origin = readonly string[];

/**
 * For each aggregate some texts, of which one is another whenever anything is that its part of the Model is made from: the
 * file that it stands in, its topic, and what `sharedOrigin` says.
 */
export const originsOf = (
  aggregates: readonly Aggregate[],
  shared: string,
  sources: Sources,
): ReadonlyMap<Aggregate, Origin> =>
  new Map(
    aggregates.map((aggregate) => {
      const { name, url, partitions, envelope } = aggregate.topic;
      const [members, branches] = [aggregate.topic.aggregates, aggregate.topic.branches].map((all) =>
        all.map((one) => one.name),
      );
      const topic = { name, url, partitions, envelope, members, branches };
      const { file } = aggregate.place;
      return [aggregate, [shared, JSON.stringify([aggregate.name, topic, file]), textOf(file, sources)]];
    }),
  );

/** The same for the types of an aggregate's events, as long as no JSON Schema is among them. */
export const typesOrigin = (aggregate: string, { file }: Place, shared: string, sources: Sources): Origin => [
  shared,
  JSON.stringify(["types", aggregate, file]),
  textOf(file, sources),
];

/** What many aggregates are made from: the JSON Schemas that were read, and all of the model but aggregates and their readers. */
export const sharedOrigin = (
  documents: readonly ModelDocument[],
  types: Model["types"],
  schemas: ReadonlySet<string>,
  sources: Sources,
): string => {
  const settings = documents.map(({ value }) => {
    const {
      aggregates: _,
      projections,
      consumers,
      include,
      lint,
      accept,
      ...rest
    } = value as {
      readonly [key: string]: unknown;
    };
    return rest;
  });
  return exactly([
    settings.filter((one) => Object.keys(one).length > 0),
    types,
    [...schemas].sort().map((file) => [file, sources.read(file)]),
  ]);
};

const textOf = (file: string, sources: Sources): string => {
  const source = sources.read(file);
  return source.kind === "text" ? source.text : "";
};

/** JSON that tells apart what JSON does not, with named types by their names: they may lead to themselves. */
const exactly = (value: unknown): string =>
  JSON.stringify(value, function (this: unknown, key, one: unknown) {
    if (typeof one === "bigint") return `bigint ${one}`;
    if (typeof one === "number" && (Object.is(one, -0) || !Number.isFinite(one))) return `number -0 ${one}`;
    if (key === "place") return undefined;
    if (key === "to" && isReference(this)) return this.to.name;
    if (key === "members" && isUnion(this)) return this.members.map((member) => member.name);
    return one;
  });

const isReference = (holder: unknown): holder is { readonly to: { readonly name: string } } =>
  (holder as { readonly kind?: unknown }).kind === "reference" &&
  typeof (holder as { readonly to?: { readonly name?: unknown } }).to?.name === "string";

const isUnion = (holder: unknown): holder is { readonly members: readonly { readonly name: string }[] } =>
  (holder as { readonly kind?: unknown }).kind === "union" &&
  Array.isArray((holder as { readonly members?: unknown }).members);
