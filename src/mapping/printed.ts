import type { Code } from "../render/code.js";
import { code, joinCode } from "../render/code.js";
import type { Layout } from "../render/layout.js";
import { group, print } from "../render/layout.js";

/** How tightly an expression binds: what binds less needs parentheses. */
export type Binding = "call" | "cast" | "nullish" | "conditional" | "object";

export interface Printed {
  readonly layout: Layout;
  readonly binding: Binding;
}

/** Something that binds as tightly as a call. */
export const call = (text: Code): Printed => ({ layout: text, binding: "call" });

/** Needed where anything may stand: between commas. */
export const anyBinding: readonly Binding[] = ["call", "cast", "nullish", "conditional", "object"];
/** Needed beside a colon of `a ? b : c`. */
export const operand: readonly Binding[] = ["call", "cast", "nullish", "object"];
/** Needed before a dot. */
export const tested: readonly Binding[] = ["call"];

/** On one line, in parentheses unless it binds as is needed. */
export const enclosed = ({ layout, binding }: Printed, needed: readonly Binding[]): Code => {
  const text = print(layout);
  return needed.includes(binding) ? text : code`(${text})`;
};

/** An object literal; `broken`: one property a line, however short. */
export const object = (
  entries: readonly { readonly prefix: Code; readonly value: Layout }[],
  isFlat: boolean,
  broken: boolean,
): Printed => {
  if (!isFlat) return { layout: group(code`{`, entries, code`}`, { pad: true, broken }), binding: "object" };
  const items = entries.map(({ prefix, value }) => code`${prefix}${flatten(value)}`);
  return { layout: items.length === 0 ? code`{}` : code`{ ${joinCode(items, code`, `)} }`, binding: "object" };
};

/** On one line, however long. */
export const flatten = (layout: Layout): Code => (typeof layout === "string" ? layout : (layout.flat ?? print(layout)));

/** A call around a layout, which is broken inside of it. */
export const wrapped = (before: Code, layout: Layout, after: Code): Printed => ({
  layout: around(before, layout, after),
  binding: "call",
});

/** A layout with more before and after it. */
export const around = (before: Code, layout: Layout, after: Code): Layout =>
  typeof layout === "string"
    ? code`${before}${layout}${after}`
    : {
        ...layout,
        open: code`${before}${layout.open}`,
        close: code`${layout.close}${after}`,
        flat: layout.flat === undefined ? undefined : code`${before}${layout.flat}${after}`,
      };
