import { type Place, under } from "../diagnostics/diagnostic.js";
import { suggest } from "../diagnostics/entry.js";
import type { JsonValue } from "../model/type.js";
import type { Path } from "./path.js";
import { readPath } from "./path.js";
import type { Report } from "./report.js";

/** A mapping as it is written, its form checked and nothing else. */
export type Mapping =
  | { readonly kind: "literal"; readonly value: JsonValue; readonly place: Place }
  | { readonly kind: "path"; readonly path: Path; readonly place: Place }
  | {
      readonly kind: "from";
      readonly path: Path;
      readonly step?: Step;
      readonly otherwise?: Raw;
      readonly place: Place;
    }
  | { readonly kind: "fields"; readonly fields: Fields; readonly drop: readonly Drop[]; readonly place: Place }
  | {
      readonly kind: "oneOf";
      readonly member: string;
      readonly fields: Fields;
      readonly drop: readonly Drop[];
      readonly place: Place;
    }
  | {
      readonly kind: "each";
      readonly path: Path;
      readonly with?: Raw;
      readonly drop: readonly Drop[];
      readonly otherwise?: Raw;
      readonly place: Place;
    }
  | { readonly kind: "template"; readonly text: string; readonly place: Place }
  | { readonly kind: "envelope"; readonly field: string; readonly otherwise?: Raw; readonly place: Place }
  | { readonly kind: "by"; readonly name: string; readonly place: Place };

/** What is done with the value of `from`; with none of them it is taken as it is. */
export type Step =
  | {
      readonly kind: "as" | "parse";
      readonly type: string;
      readonly unit?: "seconds" | "milliseconds";
      readonly place: Place;
    }
  | { readonly kind: "map"; readonly entries: Fields; readonly place: Place }
  | { readonly kind: "with"; readonly with: Raw; readonly drop: readonly Drop[]; readonly place: Place };

/** A mapping that is read once the type that it is for is known. */
export interface Raw {
  readonly value: JsonValue;
  readonly place: Place;
}

export type Fields = { readonly [name: string]: JsonValue };

/** An entry of `drop:`, a path from the record that it belongs to. */
export interface Drop {
  readonly text: string;
  readonly place: Place;
}

/** Reads one mapping; undefined after what is wrong with its form has been reported. */
export const readMapping = (value: JsonValue, place: Place, report: Report): Mapping | undefined => {
  if (value === null) {
    const help = "Leave an optional field out, or write a value.";
    return refuse(report, "null is not a value of a mapping", place, help);
  }
  if (Array.isArray(value)) return refuse(report, "a list is written as { literal: [ … ] }", place);
  if (typeof value === "string") return readText(value, place, report);
  if (typeof value !== "object") return { kind: "literal", value, place };
  return readOperator(value as Fields, place, report);
};

/** The entries of a `drop:` list; what is no text is reported. */
const readDrop = (value: JsonValue | undefined, place: Place, report: Report): readonly Drop[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report("mapping-form", { problem: "`drop` is a list of source fields" }, place);
    return [];
  }
  return (value as readonly JsonValue[]).flatMap((text, index) => {
    if (typeof text === "string") return [{ text: text.replace(/^\$/, ""), place: under(place, index) }];
    report("mapping-form", { problem: "`drop` is a list of names of source fields" }, under(place, index));
    return [];
  });
};

const refuse = (report: Report, problem: string, place: Place, help?: string): undefined => {
  report("mapping-form", { problem }, place, help === undefined ? {} : { help });
  return undefined;
};

const readText = (text: string, place: Place, report: Report): Mapping | undefined => {
  if (!text.startsWith("$")) return { kind: "literal", value: text, place };
  if (text.startsWith("$$")) return { kind: "literal", value: text.slice(1), place };
  const path = readSource(text, place, report);
  return path && { kind: "path", path, place };
};

/** `$a.b` of `from` and `each`. */
const readSource = (value: JsonValue | undefined, place: Place, report: Report): Path | undefined => {
  if (typeof value !== "string" || !value.startsWith("$")) {
    const help = typeof value === "string" ? `Write $${value.slice(0, 60)}.` : undefined;
    return refuse(report, "a path to the source is needed here, such as $name", place, help);
  }
  const path = readPath(value.slice(1));
  return "problem" in path ? refuse(report, path.problem, place, pathHelp) : path;
};

const pathHelp =
  'A path is $a.b, with $a["odd name"] for odd names; a text that begins with a dollar is written with $$.';

const operators = ["from", "fields", "each", "template", "envelope", "by", "literal", "oneOf"] as const;
type Operator = (typeof operators)[number];

const keysOf: { readonly [operator in Operator]: readonly string[] } = {
  from: ["as", "unit", "parse", "map", "with", "drop", "otherwise"],
  fields: ["drop"],
  each: ["with", "drop", "otherwise"],
  template: [],
  envelope: ["otherwise"],
  by: [],
  literal: [],
  oneOf: ["fields", "drop"],
};

const readOperator = (raw: Fields, place: Place, report: Report): Mapping | undefined => {
  const operator = operatorOf(raw, place, report);
  if (operator === undefined) return undefined;
  const allowed = keysOf[operator];
  for (const key of Object.keys(raw)) {
    if (key === operator || allowed.includes(key)) continue;
    const suggestion = suggest(key, [...allowed, ...operators]);
    report("mapping-key", { key, operator, allowed, suggestion }, { ...under(place, key), at: "key" });
  }
  return read[operator](raw, place, report);
};

const operatorOf = (raw: Fields, place: Place, report: Report): Operator | undefined => {
  const found = operators.filter((one) => Object.hasOwn(raw, one));
  if (found.length === 1) return found[0];
  // `oneOf` is completed by `fields`.
  if (found.length === 2 && found.includes("oneOf") && found.includes("fields")) return "oneOf";
  if (found.length > 1) {
    const [first, ...others] = found;
    return refuse(report, `one mapping has one operator; this one has ${first} and ${others.join(" and ")}`, place);
  }
  const keys = Object.keys(raw);
  const near = keys.map((key) => suggest(key, operators)).find((one) => one !== undefined);
  const help =
    near === undefined
      ? "To build a nested record write { fields: { … } }; for a literal map write { literal: { … } }."
      : `Did you mean "${near}"?`;
  return refuse(report, `a mapping object has one of ${operators.join(", ")}`, place, help);
};

type Reader = (raw: Fields, place: Place, report: Report) => Mapping | undefined;

const own = (raw: Fields, key: string): JsonValue | undefined => (Object.hasOwn(raw, key) ? raw[key] : undefined);

const rawOf = (raw: Fields, key: string, place: Place): Raw | undefined =>
  Object.hasOwn(raw, key) ? { value: raw[key] as JsonValue, place: under(place, key) } : undefined;

const text = (raw: Fields, key: string, place: Place, report: Report): string | undefined => {
  const value = own(raw, key);
  return typeof value === "string" && value !== ""
    ? value
    : refuse(report, `\`${key}\` takes a text`, under(place, key));
};

const isFields = (value: JsonValue | undefined): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fieldsOf = (raw: Fields, place: Place, report: Report): Fields | undefined => {
  const value = own(raw, "fields");
  return isFields(value)
    ? value
    : refuse(report, "`fields` takes a map of fields: { name: mapping, … }", under(place, "fields"));
};

const read: { readonly [operator in Operator]: Reader } = {
  from: (raw, place, report) => {
    const path = readSource(own(raw, "from"), under(place, "from"), report);
    const step = readStep(raw, place, report);
    const otherwise = rawOf(raw, "otherwise", place);
    if (path === undefined || step === undefined) return undefined;
    return { kind: "from", path, place, ...(step === "none" ? {} : { step }), ...(otherwise && { otherwise }) };
  },
  fields: (raw, place, report) => {
    const fields = fieldsOf(raw, place, report);
    const drop = readDrop(own(raw, "drop"), under(place, "drop"), report);
    return fields && { kind: "fields", fields, drop, place };
  },
  oneOf: (raw, place, report) => {
    const member = text(raw, "oneOf", place, report);
    const fields = Object.hasOwn(raw, "fields") ? fieldsOf(raw, place, report) : {};
    const drop = readDrop(own(raw, "drop"), under(place, "drop"), report);
    return member === undefined || fields === undefined ? undefined : { kind: "oneOf", member, fields, drop, place };
  },
  each: (raw, place, report) => {
    const path = readSource(own(raw, "each"), under(place, "each"), report);
    const drop = readDrop(own(raw, "drop"), under(place, "drop"), report);
    const [item, otherwise] = [rawOf(raw, "with", place), rawOf(raw, "otherwise", place)];
    return path && { kind: "each", path, drop, place, ...(item && { with: item }), ...(otherwise && { otherwise }) };
  },
  template: (raw, place, report) => {
    const value = own(raw, "template");
    if (typeof value === "string") return { kind: "template", text: value, place: under(place, "template") };
    return refuse(report, '`template` takes a text such as "{first} {last}"', under(place, "template"));
  },
  envelope: (raw, place, report) => {
    const field = text(raw, "envelope", place, report);
    const otherwise = rawOf(raw, "otherwise", place);
    if (field === undefined) return undefined;
    return { kind: "envelope", field, place: under(place, "envelope"), ...(otherwise && { otherwise }) };
  },
  by: (raw, place, report) => {
    const name = text(raw, "by", place, report);
    return name === undefined ? undefined : { kind: "by", name, place: under(place, "by") };
  },
  literal: (raw, place) => ({
    kind: "literal",
    value: own(raw, "literal") as JsonValue,
    place: under(place, "literal"),
  }),
};

const steps = ["as", "parse", "map", "with"] as const;

/** What is done with `from`; "none" when nothing is said; undefined after what is wrong has been reported. */
const readStep = (raw: Fields, place: Place, report: Report): Step | "none" | undefined => {
  const found = steps.filter((one) => Object.hasOwn(raw, one));
  const [kind] = found;
  if (found.length > 1)
    return refuse(report, `a value is changed in one way; this mapping has ${found.join(" and ")}`, place);
  for (const [key, needed] of [
    ["unit", ["as", "parse"]],
    ["drop", ["with"]],
  ] as const) {
    if (Object.hasOwn(raw, key) && !(needed as readonly (string | undefined)[]).includes(kind)) {
      return refuse(report, `\`${key}\` belongs to \`${needed.join("` or `")}\``, under(place, key));
    }
  }
  if (kind === undefined) return "none";
  if (kind === "with") {
    const drop = readDrop(own(raw, "drop"), under(place, "drop"), report);
    return { kind, with: { value: own(raw, "with") as JsonValue, place: under(place, "with") }, drop, place };
  }
  if (kind === "map") {
    const entries = own(raw, "map");
    if (isFields(entries)) return { kind, entries, place: under(place, "map") };
    return refuse(report, "`map` takes a table: { old: new, … }", under(place, "map"));
  }
  const type = text(raw, kind, place, report);
  const unit = own(raw, "unit");
  if (unit !== undefined && unit !== "seconds" && unit !== "milliseconds") {
    return refuse(report, "`unit` is seconds or milliseconds", under(place, "unit"));
  }
  if (type === undefined) return undefined;
  return { kind, type, place: under(place, kind), ...(unit === undefined ? {} : { unit }) };
};
