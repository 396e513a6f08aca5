import * as fc from "fast-check";
import type { ModelSource } from "../../arbitrary-model.js";

/** A change of a model in the language of docs/model.md, as data. */
export interface Edit {
  readonly name: string;
  /** Nothing that is stored, and nobody who reads it, can notice. */
  readonly harmless: boolean;
}

/** A model after an edit; undefined where there is nothing to be edited so. */
export const edited = (source: ModelSource, { name }: Edit, choices: readonly number[]): ModelSource | undefined => {
  const model = structuredClone(source) as unknown as Model;
  let at = 0;
  const pick: Pick = (list) => {
    const chosen = list[(choices[at++ % choices.length] ?? 0) % Math.max(1, list.length)];
    if (chosen === undefined) throw nothingToDo;
    return chosen;
  };
  try {
    all[name]?.(model, pick);
  } catch (thrown) {
    if (thrown === nothingToDo) return undefined;
    throw thrown;
  }
  return model as unknown as ModelSource;
};

/** A kind of edit, and what decides where it is made. */
export const arbitraryEdits = (harmless: boolean): fc.Arbitrary<readonly (readonly [Edit, readonly number[]])[]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...edits.filter((one) => !harmless || one.harmless)),
      fc.array(fc.nat(997), { minLength: 4, maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 2 },
  );

type Pick = <T>(list: readonly T[]) => T;
// biome-ignore lint/suspicious/noExplicitAny: anything in a model may be edited, and whatever comes of it is compiled
type Json = any;
type Map = { [key: string]: Json };

interface Model {
  [key: string]: Json;
  types: Json;
  aggregates: Json;
  projections: Json;
  consumers: Json;
}

const nothingToDo = new Error("nothing to do");

type Change = (model: Model, pick: Pick) => void;

const aggregateOf = (model: Model, pick: Pick): [string, Map] => pick(Object.entries(model.aggregates as Map));

const eventOf = (model: Model, pick: Pick): { aggregate: string; events: Map; name: string; event: Map } => {
  const [aggregate, source] = aggregateOf(model, pick);
  const events = source["events"] as Map;
  const [name, event] = pick(Object.entries(events));
  return { aggregate, events, name, event: event as Map };
};

const versionsOf = (model: Model): Map[] =>
  Object.values(model.aggregates as Map).flatMap((aggregate) =>
    Object.values(aggregate["events"] as Map).flatMap((event) => Object.values(event["versions"] as Map)),
  );

/** Maps of fields that end up on the wire: of versions, of named types, and of records in them. */
const recordsOf = (model: Model): Map[] => {
  const found: Map[] = [];
  const visit = (holder: Map): void => {
    const fields = holder["fields"] as Map | undefined;
    if (typeof fields !== "object") return;
    found.push(fields);
    for (const [name, field] of Object.entries(fields)) {
      // The short form is one of several keys, so that it can be edited like any other.
      if (typeof field === "string") fields[name] = { type: field };
      visit(fields[name]);
    }
  };
  for (const version of versionsOf(model)) visit(version);
  for (const type of Object.values(model.types as Map)) visit(type);
  return found;
};

const fieldOf = (model: Model, pick: Pick): { fields: Map; name: string; field: Map } => {
  const fields = pick(recordsOf(model).filter((one) => Object.keys(one).length > 0));
  const [name, field] = pick(Object.entries(fields));
  return { fields, name, field: field as Map };
};

/** Types and fields, wherever they stand. */
const typesOf = (model: Model): Map[] => [
  ...(Object.values(model.types as Map) as Map[]),
  ...(recordsOf(model).flatMap((fields) => Object.values(fields)) as Map[]),
];

const listWith = (model: Model, key: string, pick: Pick): Json[] =>
  pick(typesOf(model).filter((one) => Array.isArray(one[key])))[key] as Json[];

/** The same keys in another order. */
const reordered = (map: Map, pick: Pick): void => {
  const entries = Object.entries(map);
  if (entries.length < 2) throw nothingToDo;
  const [moved] = entries.splice(pick([...entries.keys()]), 1);
  entries.splice(pick([...entries.keys(), entries.length]), 0, moved as [string, Json]);
  replace(map, entries);
};

const set = (map: unknown, key: string, value: unknown): void => void Object.assign(map as Map, { [key]: value });

const replace = (map: Map, entries: readonly (readonly [string, Json])[]): void => {
  for (const key of Object.keys(map)) delete map[key];
  for (const [key, value] of entries) map[key] = value;
};

const renameKey = (map: Map, from: string, to: string): void =>
  replace(
    map,
    Object.entries(map).map(([key, value]) => [key === from ? to : key, value] as const),
  );

/** Does to all reactions and emits what happens to an event. */
const inReaders = (model: Model, event: string, renamed: string | undefined): void => {
  for (const projection of Object.values(model.projections as Map)) {
    const on = projection["on"] as Map;
    if (!(event in on)) continue;
    if (renamed === undefined) delete on[event];
    else renameKey(on, event, renamed);
  }
  for (const aggregate of Object.values(model.aggregates as Map))
    for (const command of Object.values((aggregate["commands"] ?? {}) as Map))
      command["emits"] = command["emits"].flatMap((one: string) =>
        one !== event ? [one] : renamed === undefined ? [] : [renamed],
      );
};

/** A projection reacts to a new event of its aggregate. */
const ignored = (model: Model, aggregate: string, event: string): void => {
  for (const projection of Object.values(model.projections as Map))
    if (projection["from"] === aggregate) (projection["on"] as Map)[event] = "ignore";
};

const harmless: { readonly [name: string]: Change } = {
  "describe a field": (model, pick) => set(fieldOf(model, pick).field, "description", "Something else. */"),
  "describe an event": (model, pick) => set(eventOf(model, pick).event, "description", "Something else."),
  "mark a field": (model, pick) => {
    const { field } = fieldOf(model, pick);
    const mark = pick(["pii", "deprecated"]);
    if (mark in field) delete field[mark];
    else field[mark] = true;
  },
  "deprecate an event": (model, pick) => set(eventOf(model, pick).event, "deprecated", "Use another one."),
  "add an event": (model, pick) => {
    const { aggregate, events } = eventOf(model, pick);
    const event = { versions: { 1: { fields: { x: "string" } } } };
    const entries = Object.entries(events);
    entries.splice(pick([...entries.keys(), entries.length]), 0, ["Fresh", event]);
    replace(events, entries);
    ignored(model, aggregate, "Fresh");
  },
  "add an aggregate": (model, pick) => {
    const entries = Object.entries(model.aggregates as Map);
    const events = { FreshMade: { versions: { 1: { fields: { x: "string" } } } } };
    entries.splice(pick([...entries.keys(), entries.length]), 0, ["Fresh", { key: { id: "uuid" }, events }]);
    replace(model.aggregates as Map, entries);
  },
  "add a type": (model) => set(model.types as Map, "Fresh", { fields: { x: "string" } }),
  "add a projection": (model, pick) => {
    const [aggregate, source] = aggregateOf(model, pick);
    const live = Object.entries(source["events"] as Map).filter(([, event]) => event["retired"] !== true);
    const on = Object.fromEntries(live.map(([name]) => [name, { increment: { count: 1 } }]));
    (model.projections as Map)["Fresh"] = { from: aggregate, store: "memory", fields: { count: "long" }, on };
  },
  "add a consumer": (model, pick) => set(model.consumers as Map, "Fresh", { from: aggregateOf(model, pick)[0] }),
  "reorder aggregates": (model, pick) => reordered(model.aggregates as Map, pick),
  "reorder events": (model, pick) => reordered(aggregateOf(model, pick)[1]["events"] as Map, pick),
  "reorder types": (model, pick) => reordered(model.types as Map, pick),
  "reorder consumers": (model, pick) => reordered(model.consumers as Map, pick),
  "change the state": (model, pick) => set(aggregateOf(model, pick)[1], "state", { fields: {} }),
  "change permissions": (model) => set(model["pulsar"] as Map, "permissions", { other: ["produce"] }),
  "change the description": (model) => set(model, "description", "Another shop."),
};

const wild: { readonly [name: string]: Change } = {
  tighten: (model, pick) => {
    const { field } = fieldOf(model, pick);
    const [key, value] = pick([
      ["max", 5],
      ["min", 2],
      ["maxLength", 3],
      ["minLength", 1],
      ["maxItems", 1],
      ["minItems", 1],
    ] as const);
    field[key] = value;
  },
  loosen: (model, pick) => {
    const constraints = ["min", "max", "minLength", "maxLength", "pattern", "maxItems", "minItems"];
    const type = pick(typesOf(model).filter((one) => constraints.some((key) => key in one)));
    delete type[pick(constraints.filter((key) => key in type))];
  },
  "make optional or required": (model, pick) => {
    const { fields, name } = fieldOf(model, pick);
    renameKey(fields, name, name.endsWith("?") ? name.slice(0, -1) : `${name}?`);
  },
  "remove a field": (model, pick) => {
    const { fields, name } = fieldOf(model, pick);
    delete fields[name];
  },
  "rename a field": (model, pick) => {
    const { fields, name } = fieldOf(model, pick);
    renameKey(fields, name, name.endsWith("?") ? "other?" : "other");
  },
  "add a field": (model, pick) => set(pick(recordsOf(model)), pick(["other", "other?"]), "string"),
  "change a type": (model, pick) => {
    const { field } = fieldOf(model, pick);
    replace(field, [["type", pick(["string", "int", "long", "double", "boolean", "bytes", "json", "string[]"])]]);
  },
  "add a value": (model, pick) => void listWith(model, "enum", pick).push(pick(["fresh", "fre sh"])),
  "remove a value": (model, pick) => void listWith(model, pick(["enum", "oneOf"]), pick).pop(),
  "reorder values": (model, pick) => void listWith(model, pick(["enum", "oneOf"]), pick).reverse(),
  "reorder fields": (model, pick) => reordered(pick(recordsOf(model)), pick),
  "remove an event": (model, pick) => {
    const { events, name } = eventOf(model, pick);
    delete events[name];
    inReaders(model, name, undefined);
  },
  "rename an event": (model, pick) => {
    const { events, name } = eventOf(model, pick);
    renameKey(events, name, "Renamed");
    inReaders(model, name, "Renamed");
  },
  "add a version": (model, pick) => {
    const { event } = eventOf(model, pick);
    const versions = event["versions"] as Map;
    const last = Object.keys(versions).length;
    const fields = structuredClone((versions[last] as Map)["fields"]) as Map;
    fields["fresh?"] = "string";
    versions[last + 1] = { fields, upcast: pick([{}, { fresh: "so it was" }]) };
  },
  "remove a version": (model, pick) => {
    const versions = eventOf(model, pick).event["versions"] as Map;
    delete versions[Object.keys(versions).length];
  },
  "change a mapping": (model, pick) => {
    const upcast = pick(versionsOf(model).filter((one) => Object.keys(one["upcast"] ?? {}).length > 0))[
      "upcast"
    ] as Map;
    const [key, value] = pick(Object.entries(upcast));
    if (pick([0, 1, 2]) === 0) delete upcast[key];
    else if (typeof value === "object" && "otherwise" in value) value["otherwise"] = pick(["x", 7, "7.00", true]);
    else upcast[key] = pick([...Object.values(upcast), 7, "x", "7.00", true]);
  },
  "say a mapping otherwise": (model, pick) => {
    const upcast = pick(versionsOf(model).filter((one) => Object.keys(one["upcast"] ?? {}).length > 0))[
      "upcast"
    ] as Map;
    const [key, value] = pick(
      Object.entries(upcast).filter(([, one]) => typeof one === "string" && one.startsWith("$")),
    );
    upcast[key] = { from: value };
  },
  "retire an event": (model, pick) => {
    const { name, event } = eventOf(model, pick);
    if (event["retired"] !== undefined) {
      event["becomes"] = [];
      return;
    }
    Object.assign(event, { retired: true, becomes: [] });
    inReaders(model, name, undefined);
  },
  "bring an event back": (model, pick) => {
    const [aggregate, source] = aggregateOf(model, pick);
    const [name, event] = pick(Object.entries(source["events"] as Map).filter(([, one]) => "retired" in one));
    delete event["retired"];
    delete event["becomes"];
    ignored(model, aggregate, name);
  },
  "rename a key": (model, pick) => {
    const key = aggregateOf(model, pick)[1]["key"] as Map;
    renameKey(key, Object.keys(key)[0] ?? "", "otherId");
  },
  "change a key": (model, pick) => {
    const key = aggregateOf(model, pick)[1]["key"] as Map;
    key[Object.keys(key)[0] ?? ""] = pick(["string", "uuid"]);
  },
  "move a topic": (model, pick) => set(aggregateOf(model, pick)[1], "topic", { name: "elsewhere" }),
  "change partitions": (model, pick) => set(aggregateOf(model, pick)[1], "topic", { partitions: 7 }),
  "change the encoding": (model) => {
    const pulsar = model["pulsar"] as Map;
    pulsar["encoding"] = pulsar["encoding"] === "avro" ? "json" : "avro";
  },
  "change longs": (model) => {
    const options = model["options"] as Map;
    options["long"] = options["long"] === "bigint" ? "number" : "bigint";
  },
  "change the namespace": (model) => set(model["pulsar"] as Map, "namespace", "elsewhere"),
  "change a projection": (model, pick) => {
    const on = pick(Object.values(model.projections as Map))["on"] as Map;
    on[pick(Object.keys(on))] = { set: { count: 1 } };
  },
  "remove a consumer": (model, pick) => {
    const consumers = model.consumers as Map;
    delete consumers[pick(Object.keys(consumers))];
  },
};

const all = { ...harmless, ...wild };

const edits: readonly Edit[] = Object.keys(all).map((name) => ({ name, harmless: Object.hasOwn(harmless, name) }));
