import type { JsonValue, Type } from "../model/type.js";
import { dereference } from "../model/type.js";
import { code, joinCode, literal, propertyKey } from "../render/code.js";
import type { Layout } from "../render/layout.js";
import { group, print } from "../render/layout.js";
import type { Session } from "./print-conversion.js";
import { use } from "./print-conversion.js";
import type { Printed } from "./printed.js";
import { call, flatten, object } from "./printed.js";

/** A value of the model as an expression that yields it as it is held in memory. */
export const printLiteral = (
  value: JsonValue,
  type: Type,
  here: { readonly flat: boolean },
  session: Session,
): Printed => {
  const plain = dereference(type);
  if (plain.kind === "bytes") return call(code`${use("base64ToBytes", session)}(${literal(value)})`);
  if (plain.kind === "long" && session.scope.long === "bigint") return call(literal(BigInt(value as string | number)));
  if (typeof value !== "object" || value === null || plain.kind === "json")
    return { layout: literal(value), binding: typeof value === "object" && value !== null ? "object" : "call" };
  const inner = (item: JsonValue, itemType: Type): Layout => printLiteral(item, itemType, here, session).layout;
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map((item) =>
      inner(item, plain.kind === "array" ? plain.items : type),
    );
    return call(here.flat ? code`[${joinCode(items.map(flatten), code`, `)}]` : print(group(code`[`, items, code`]`)));
  }
  const typeOf = literalTypes(plain, value as { readonly kind?: JsonValue });
  const entries = Object.entries(value).map(([key, item]) => ({
    prefix: code`${propertyKey(key)}: `,
    value: inner(item as JsonValue, typeOf(key)),
  }));
  return object(entries, here.flat, false);
};

/** The type of what stands under a key of a literal. */
const literalTypes = (type: Type, value: { readonly kind?: JsonValue }): ((key: string) => Type) => {
  const plain = dereference(type);
  if (plain.kind === "map") return () => plain.values;
  const member = plain.kind === "union" ? plain.members.find((one) => one.name === value.kind)?.type : plain;
  const fields = member?.kind === "record" ? member.fields : [];
  return (key) => fields.find((field) => field.name === key)?.type ?? { kind: "json" };
};
