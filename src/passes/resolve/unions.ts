import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { NamedType, UnionType } from "../../model/type.js";
import type { Context } from "./context.js";
import { unknownType } from "./soundness.js";
import type { TypeScope } from "./type-scope.js";
import { typeText } from "./type-text.js";
import { reportUnknownType } from "./unknown-type.js";

/** `oneOf`: the members, which are looked at once all types are complete. */
export const resolveUnion = (names: readonly string[], place: Place, scope: TypeScope, context: Context): UnionType => {
  const members: NamedType[] = [];
  const union: UnionType = { kind: "union", members };
  for (const [index, name] of names.entries()) {
    const member = scope.named.get(name);
    if (member === undefined) {
      reportUnknownType(name, under(place, index), scope, context);
      scope.broken.add(union);
    } else {
      members.push(member);
      scope.later.push(() => checkMember(member, union, under(place, index), scope, context));
    }
  }
  return union;
};

const checkMember = (member: NamedType, union: UnionType, place: Place, scope: TypeScope, context: Context): void => {
  const { name, type } = member;
  if (type === unknownType || (type !== union && scope.broken.has(type))) return void scope.broken.add(union);
  const kind = type.kind === "record" ? type.fields.find((field) => field.name === "kind") : undefined;
  if (type.kind === "record" && kind === undefined) return;
  scope.broken.add(union);
  if (kind === undefined) {
    const problem = `is ${typeText(type)}, and only named records can be told apart`;
    context.report("union-member", { name, problem }, place);
  } else {
    const problem = "has a field `kind`, which is how evgen tells the members apart";
    const related = [{ message: "The field is here.", place: keyOf(kind.place) }];
    context.report("union-member", { name, problem }, place, { related });
  }
};
