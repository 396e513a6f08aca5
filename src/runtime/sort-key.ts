import type { ColumnDefinition, ColumnType } from "./definitions.js";
import type { PagePlan } from "./page.js";
import type { KeyedRow } from "./store.js";

/** What has to be known of a projection to put its rows in order. */
export interface Sortable {
  readonly key: readonly string[];
  readonly columns: { readonly [field: string]: ColumnDefinition };
  readonly indexes: readonly (readonly string[])[];
}

/**
 * Texts whose order, by their bytes or code points, is that of rows in an index: for stores that order nothing but
 * texts. Each value is written so that none is the beginning of another.
 */
export interface SortKeys {
  /** The fields: those of the index, then those of the key that are not among them. */
  readonly fields: readonly string[];
  of(row: KeyedRow): string;
  /** What the texts of the rows that a plan asks for begin with. */
  prefix(plan: PagePlan): string;
  /** What they are all less than. */
  end(plan: PagePlan): string;
  /** What the row before the page is, when there is one: the others come after it. */
  after(plan: PagePlan): string | undefined;
}

/** The sort keys of an index; that of the key is an index, too. Throws a TypeError for a field that has no order. */
export const sortKeysOf = (projection: Sortable, index: readonly string[]): SortKeys => {
  const fields = [...index, ...projection.key.filter((field) => !index.includes(field))];
  const types = new Map(fields.map((field) => [field, projection.columns[field]?.type ?? "string"]));
  for (const [field, type] of types) {
    if (type === "bytes" || type === "json") throw new TypeError(`${field} is ${type}, which has no order`);
  }
  const textOf = (field: string, value: unknown) => sortText(types.get(field) ?? "string", value);
  const prefix = ({ equals }: PagePlan) => equals.map(([field, value]) => textOf(field, value)).join("");
  return {
    fields,
    of: ({ key, row }) =>
      fields.map((field) => textOf(field, projection.key.includes(field) ? key[field] : row[field])).join(""),
    prefix,
    end: (plan) => `${prefix(plan)}\u0003`,
    after(plan) {
      if (plan.after === undefined) return undefined;
      const asked = new Set(plan.equals.map(([field]) => field));
      return plan.order.reduce(
        (text, field, at) => (asked.has(field) ? text : text + textOf(field, plan.after?.[at])),
        prefix(plan),
      );
    },
  };
};

/** An absent value is last. */
const sortText = (type: ColumnType, value: unknown): string =>
  value === undefined ? "\u0002" : `\u0001${presentText(type, value)}`;

const presentText = (type: ColumnType, value: unknown): string => {
  switch (type) {
    case "boolean":
      return value === true ? "1" : "0";
    case "int":
    case "long":
    case "bigint":
      return (BigInt(value as number | bigint) + 2n ** 63n).toString(16).padStart(16, "0");
    case "float":
    case "double":
      return doubleText(value as number);
    case "bytes":
    case "json":
    case "string":
    case "enum":
    case "uuid":
    case "date":
    case "timestamp":
      return endedText(value as string);
    default:
      return decimalText(type, value as string);
  }
};

/** Ends with what is less than every character that may follow in a longer text. */
const endedText = (value: string): string =>
  `${value.includes("\u0000") ? value.replaceAll("\u0000", "\u0000\u0002") : value}\u0000\u0001`;

/** The bits of a double, of which the order is that of the numbers once negative ones are turned round. */
const doubleText = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  const ordered = bits >> 63n === 0n ? bits | (1n << 63n) : ~bits & 0xffff_ffff_ffff_ffffn;
  return ordered.toString(16).padStart(16, "0");
};

/** As an integer of the last digit, moved above zero. */
const decimalText = (type: string, value: string): string => {
  const [, precision = "38", scale = "0"] = /^decimal\((\d+), ?(\d+)\)$/.exec(type) ?? [];
  const [whole = "0", fraction = ""] = value.split(".");
  const units = BigInt(`${whole}${fraction.padEnd(Number(scale), "0")}`);
  return (units + 10n ** BigInt(precision)).toString().padStart(Number(precision) + 1, "0");
};
