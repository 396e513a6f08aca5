import { keyOf } from "../../diagnostics/diagnostic.js";
import type { NamedType, Type } from "../../model/type.js";
import type { Context } from "./context.js";
import { partsOf } from "./soundness.js";

/**
 * Reports that named types nest so many others that writing them out would take more stack than there is: once, since
 * all that nest the first such type are too deep as well.
 */
export const checkNesting = (types: readonly NamedType[], broken: Set<Type>, context: Context): void => {
  const levels = new Map<NamedType, number>();
  const tooDeep = types.filter((type) => !levels.has(type) && levelsOf(type, levels, 0) > deepest);
  for (const type of tooDeep) broken.add(type.type);
  const [first] = tooDeep;
  if (first === undefined) return;
  const what = `The types in ${first.name} stand in one another`;
  context.report("type-nesting", { what, deepest }, keyOf(first.place));
};

const deepest = 250;

/** How many levels of records, arrays and maps a type has; where it contains itself it is counted once. */
const levelsOf = (named: NamedType, levels: Map<NamedType, number>, above: number): number => {
  const known = levels.get(named);
  if (known !== undefined) return known;
  levels.set(named, 0);
  const own = levelsIn(named.type, levels, above);
  levels.set(named, own);
  return own;
};

const levelsIn = (type: Type, levels: Map<NamedType, number>, above: number): number => {
  if (above > deepest) return 1;
  if (type.kind === "reference") return levelsOf(type.to, levels, above);
  const below =
    type.kind === "union"
      ? type.members.map((member) => levelsOf(member, levels, above + 1))
      : partsOf(type).map((part) => levelsIn(part, levels, above + 1));
  let most = -1;
  for (const one of below) most = Math.max(most, one);
  return most + 1;
};
