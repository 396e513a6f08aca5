import type { Pattern, Ranges } from "./pattern.js";
import { everything } from "./pattern.js";

/** The texts of a type: those that match every one of the patterns somewhere, and are so long. */
export interface Language {
  readonly pattern?: Pattern;
  /** In code points. */
  readonly min: number;
  readonly max: number;
}

export type Inclusion =
  | { readonly kind: "included" }
  /** A text of the first language that the second does not have: the shortest one, of plain letters if it can be. */
  | { readonly kind: "excluded"; readonly text: string }
  | { readonly kind: "unknown" };

/**
 * Whether every text of one language is one of another. `is` has the last word on a text that was found: it says
 * whether it really is what is looked for, where the languages are only nearly those of the types.
 */
export const inclusionOf = (
  source: Language,
  target: Language,
  is: (text: string) => boolean = () => true,
): Inclusion => {
  if (source.pattern === undefined && target.pattern === undefined) return lengthsOf(source, target, is);
  const fitting = source.min >= target.min && source.max <= target.max;
  if (fitting) {
    const found = search(unlimited(source), unlimited(target), (text) => hasLength(text, source) && is(text));
    if (found.kind !== "unknown") return found;
  }
  return search(source, target, is);
};

/** The shortest text of a language for which `is` holds. */
export const textOf = (language: Language, is: (text: string) => boolean = () => true): string | undefined => {
  if (language.pattern === undefined) {
    const lengths = [language.min, language.min + 1].filter((length) => length <= Math.min(language.max, maxLength));
    return lengths.flatMap((length) => ["a", "A", "0", "-"].map((letter) => letter.repeat(length))).find(is);
  }
  const found = search(language, nothing, is);
  return found.kind === "excluded" ? found.text : undefined;
};

const maxLength = 100_000;
const nothing: Language = { min: Number.POSITIVE_INFINITY, max: -1 };

const unlimited = (language: Language): Language => ({ ...language, min: 0, max: Number.POSITIVE_INFINITY });

const hasLength = (text: string, language: Language): boolean => {
  const length = Array.from(text).length;
  return length >= language.min && length <= language.max;
};

const lengthsOf = (source: Language, target: Language, is: (text: string) => boolean): Inclusion => {
  const length =
    source.min < target.min ? source.min : source.max > target.max ? Math.max(source.min, target.max + 1) : undefined;
  if (length === undefined) return { kind: "included" };
  if (length > maxLength) return { kind: "unknown" };
  const text = "a".repeat(length);
  return is(text) ? { kind: "excluded", text } : { kind: "unknown" };
};

/** How far a search goes before it gives up. */
const maxNodes = 20_000;
const maxSteps = 400_000;
const maxOffers = 1_000;

interface Node {
  readonly source: number;
  readonly target: number;
  readonly length: number;
  readonly parent: Node | undefined;
  readonly character: string;
}

/** Walks both languages at once, breadth first, over classes of characters that neither tells apart. */
const search = (source: Language, target: Language, is: (text: string) => boolean): Inclusion => {
  const [a, b] = [automaton(source.pattern), automaton(target.pattern)];
  if (a === undefined || b === undefined) return { kind: "unknown" };
  // Against nothing, one text after the other is offered, so plain letters are told apart even where patterns do not.
  const letters = target === nothing ? plain.map((point): Ranges => [[point, point]]) : [];
  const alphabet = classesOf([...a.sets, ...b.sets, ...letters]);
  const [one, other] = [walker(a, alphabet, 0), walker(b, alphabet, a.sets.length)];
  const counted = Math.max(0, ...[source.min, source.max + 1, target.min, target.max + 1].filter(Number.isFinite));
  const seen = new Set<string>();
  let [steps, offers, isSure] = [0, 0, true];
  const excluded = (node: Node): string | undefined => {
    const inSource = node.length >= source.min && node.length <= source.max && one.accepts(node.source);
    const inTarget = node.length >= target.min && node.length <= target.max && other.accepts(node.target);
    if (!inSource || inTarget) return undefined;
    const text = offers++ < maxOffers ? textTo(node) : undefined;
    if (text !== undefined && is(text)) return text;
    // What `is` refuses is no text of the source after all; others that end in the same state may be.
    isSure = false;
    return undefined;
  };
  let nodes: Node[] = [{ source: one.start, target: other.start, length: 0, parent: undefined, character: "" }];
  const empty = nodes[0] && excluded(nodes[0]);
  if (empty !== undefined) return { kind: "excluded", text: empty };
  while (nodes.length > 0) {
    const next: Node[] = [];
    for (const parent of nodes) {
      if (parent.length >= source.max) continue;
      for (const [index, { character }] of alphabet.entries()) {
        if (++steps > maxSteps) return { kind: "unknown" };
        const to = one.step(parent.source, index);
        if (one.isDead(to)) continue;
        const length = Math.min(parent.length + 1, counted);
        const node: Node = { source: to, target: other.step(parent.target, index), length, parent, character };
        const text = excluded(node);
        if (text !== undefined) return { kind: "excluded", text };
        const key = `${node.source} ${node.target} ${length}`;
        if (seen.has(key)) continue;
        if (seen.size > maxNodes) return { kind: "unknown" };
        seen.add(key);
        next.push(node);
      }
    }
    nodes = next;
  }
  return isSure ? { kind: "included" } : { kind: "unknown" };
};

const textTo = (node: Node): string => {
  const characters: string[] = [];
  for (let one: Node | undefined = node; one !== undefined; one = one.parent) characters.push(one.character);
  return characters.reverse().join("");
};

/** A nondeterministic automaton; `^` is passed at the start of a text only, `$` at its end only. */
interface Automaton {
  readonly sets: Ranges[];
  readonly free: number[][];
  readonly atStart: number[][];
  readonly atEnd: number[][];
  readonly edges: { readonly set: number; readonly to: number }[][];
  readonly accept: number;
}

const maxStates = 6_000;

class TooLarge extends Error {}

/** Of texts that hold a match anywhere; of all texts when there is no pattern. Undefined when it would be too large. */
const automaton = (pattern: Pattern | undefined): Automaton | undefined => {
  const made: Automaton = { sets: [everything], free: [], atStart: [], atEnd: [], edges: [], accept: 1 };
  const start = state(made);
  const accept = state(made);
  made.edges[start]?.push({ set: 0, to: start });
  made.edges[accept]?.push({ set: 0, to: accept });
  try {
    const end = pattern === undefined ? start : build(made, pattern, start);
    made.free[end]?.push(accept);
    return made;
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
};

const state = (made: Automaton): number => {
  if (made.free.length >= maxStates) throw new TooLarge();
  made.edges.push([]);
  made.atStart.push([]);
  made.atEnd.push([]);
  return made.free.push([]) - 1;
};

/** Adds the states of a pattern after `from`; returns the one in which it has matched. */
const build = (made: Automaton, pattern: Pattern, from: number): number => {
  switch (pattern.kind) {
    case "characters": {
      const to = state(made);
      const known = made.sets.indexOf(pattern.ranges);
      made.edges[from]?.push({ set: known < 0 ? made.sets.push(pattern.ranges) - 1 : known, to });
      return to;
    }
    case "start":
    case "end": {
      const to = state(made);
      (pattern.kind === "start" ? made.atStart : made.atEnd)[from]?.push(to);
      return to;
    }
    case "sequence":
      return pattern.parts.reduce((at, part) => build(made, part, at), from);
    case "choice": {
      const to = state(made);
      for (const part of pattern.parts) made.free[build(made, part, from)]?.push(to);
      return to;
    }
    case "repeat":
      return buildRepeat(made, pattern, from);
  }
};

const buildRepeat = (made: Automaton, pattern: Pattern & { kind: "repeat" }, from: number): number => {
  let at = from;
  for (let i = 0; i < pattern.min; i++) at = build(made, pattern.part, at);
  const end = state(made);
  if (pattern.max === Number.POSITIVE_INFINITY) {
    const loop = state(made);
    made.free[at]?.push(loop);
    made.free[build(made, pattern.part, loop)]?.push(loop);
    made.free[loop]?.push(end);
    return end;
  }
  for (let i = pattern.min; i < pattern.max; i++) {
    made.free[at]?.push(end);
    // A state of its own, so that an alternative that begins in `at` does not take part in the repetition.
    const next = state(made);
    made.free[at]?.push(next);
    at = build(made, pattern.part, next);
  }
  made.free[at]?.push(end);
  return end;
};

interface CharacterClass {
  /** One that stands for all, the plainest there is. */
  readonly character: string;
  /** By set: whether its characters are among it. */
  readonly sets: readonly boolean[];
}

/** Splits all characters into classes that no set tells apart, those with plain letters first. */
const classesOf = (sets: readonly Ranges[]): readonly CharacterClass[] => {
  const borders = new Set<number>([0, 0xd800, 0xe000]);
  for (const set of sets) for (const [from, to] of set) borders.add(from).add(to + 1);
  for (const point of plain) borders.add(point).add(point + 1);
  const starts = [...borders].filter((point) => point <= 0x10ffff).sort((x, y) => x - y);
  const inside = sets.map((set) => membership(set, starts));
  const byKind = new Map<string, { rank: number; point: number; sets: boolean[] }>();
  for (const [index, point] of starts.entries()) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const memberOf = inside.map((members) => members[index] === true);
    const kind = memberOf.map(Number).join("");
    const rank = rankOf(point);
    const known = byKind.get(kind);
    if (known === undefined || rank < known.rank) byKind.set(kind, { rank, point, sets: memberOf });
  }
  return [...byKind.values()]
    .sort((x, y) => x.rank - y.rank)
    .map(({ point, sets: memberOf }) => ({ character: String.fromCodePoint(point), sets: memberOf }));
};

const plain: readonly number[] = Array.from("aA1 -_.bB0", (character) => character.charCodeAt(0));

const rankOf = (point: number): number => {
  const index = plain.indexOf(point);
  if (index >= 0) return index;
  return (point > 0x20 && point < 0x7f ? 100 : point > 0xa0 ? 10_000 : 5_000_000) + point;
};

const membership = (set: Ranges, starts: readonly number[]): readonly boolean[] => {
  let at = 0;
  return starts.map((point) => {
    while (at < set.length && (set[at]?.[1] ?? 0) < point) at++;
    return (set[at]?.[0] ?? Number.POSITIVE_INFINITY) <= point;
  });
};

interface Walker {
  readonly start: number;
  step(state: number, character: number): number;
  accepts(state: number): boolean;
  /** Whether nothing can be accepted from here on. */
  isDead(state: number): boolean;
}

/** Makes an automaton deterministic, as far as it is walked. `offset` is where its sets begin among those of classes. */
const walker = (made: Automaton, alphabet: readonly CharacterClass[], offset: number): Walker => {
  const ids = new Map<string, number>();
  const members: (readonly number[])[] = [];
  const accepting: (boolean | undefined)[] = [];
  const steps: (number | undefined)[][] = [];
  const intern = (states: readonly number[], key = states.join()): number => {
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, members.length);
    steps.push([]);
    return members.push(states) - 1;
  };
  // A key of its own: only at the start does `^` still pass, even where the same states are reached again.
  const start = intern(closure([0], [made.free, made.atStart]), "start");
  return {
    start,
    step(from, character) {
      const known = steps[from]?.[character];
      if (known !== undefined) return known;
      const targets = new Set<number>();
      for (const one of members[from] ?? []) {
        for (const edge of made.edges[one] ?? []) {
          if (alphabet[character]?.sets[offset + edge.set] === true) targets.add(edge.to);
        }
      }
      const to = intern(closure([...targets], [made.free]));
      (steps[from] as number[])[character] = to;
      return to;
    },
    accepts(one) {
      const ways = one === start ? [made.free, made.atEnd, made.atStart] : [made.free, made.atEnd];
      accepting[one] ??= closure(members[one] ?? [], ways).includes(made.accept);
      return accepting[one];
    },
    isDead: (one) => members[one]?.length === 0,
  };
};

const closure = (from: readonly number[], ways: readonly (readonly (readonly number[])[])[]): readonly number[] => {
  const reached = new Set(from);
  const open = [...from];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const way of ways) {
      for (const to of way[one] ?? []) {
        if (reached.has(to)) continue;
        reached.add(to);
        open.push(to);
      }
    }
  }
  return [...reached].sort((x, y) => x - y);
};
