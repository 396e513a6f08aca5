import type { DiagnosticCode, Parameters } from "../../diagnostics/catalogue.js";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.js";
import { diagnostic, hasErrors } from "../../diagnostics/diagnostic.js";
import type { Released } from "../released.js";
import type { Fact, Kind } from "./line.js";
import {
  branchKey,
  factText,
  formatVersion,
  formatWord,
  isKind,
  lastLine,
  lineHash,
  sortKeyOf,
  splitFact,
  sumKeyOf,
  sumOf,
} from "./line.js";

/** A lock whose lines are all as they were written. What they say is read by `snapshotIn`, when it is wanted. */
export interface Lock extends Released {
  readonly file: string;
  /** Sorted by `sortKeyOf`. */
  readonly facts: readonly Fact[];
  fact(kind: Kind, key: string): Fact | undefined;
}

/** Where the lock of a model is: beside the model's first file. */
export const lockFile = (entry: string): string => `${entry.slice(0, entry.lastIndexOf("/") + 1)}evgen.lock`;

/** Reads the text of a lock. All that is wrong with it is found, line by line; there is a lock only when nothing is. */
export const readLock = (
  file: string,
  text: string,
): { readonly lock?: Lock; readonly diagnostics: readonly Diagnostic[] } => {
  const foreign = foreignText(file, text);
  if (foreign !== undefined) return { diagnostics: [foreign] };
  const { facts, byKey, diagnostics } = readLines(file, text);
  // What is missing can only be told when all that is there has been read.
  if (hasErrors(diagnostics)) return { diagnostics: diagnostics.slice(0, mostShown) };
  const branches = branchesOf(facts);
  const missing = missingIn(file, facts, byKey, branches);
  if (missing.length > 0) return { diagnostics: missing.slice(0, mostShown) };
  const fact = (kind: Kind, key: string): Fact | undefined => byKey.get(`${kind} ${key}`);
  const lock: Lock = {
    ...{ file, facts, branches, fact },
    envelopeOf: (topic) => /"record":"(?:[^"]*\.)?([^".]+)"/.exec(fact("topic", topic)?.json ?? "")?.[1],
    placeOf: (topic, position) => placeOf(file, fact("branch", branchKey(topic, position))?.range ?? [0, 0]),
  };
  return { lock, diagnostics };
};

/** A damaged file has the same to say of many of its lines. */
const mostShown = 20;

const placeOf = (file: string, range: readonly [number, number]): Place => ({ file, path: [], range });

const report = <C extends DiagnosticCode>(
  file: string,
  range: readonly [number, number],
  code: C,
  parameters: Parameters<C>,
  related: Diagnostic["related"] = [],
): Diagnostic => {
  const help = code === "lock-newer" ? undefined : (fixes[code] ?? "git checkout HEAD -- evgen.lock");
  return diagnostic(code, parameters, placeOf(file, range), { related, ...(help === undefined ? {} : { help }) });
};

const otherwise =
  "Where it cannot: take the lock of the branch that was released first (git checkout --ours evgen.lock, or --theirs), and once more: evgen release";

const fixes: { readonly [C in DiagnosticCode]?: string } = {
  "lock-conflict": `evgen release\n${otherwise}`,
  "lock-order": "evgen release",
  "lock-twice": `evgen release\n${otherwise}`,
  "lock-line-ends":
    "Add a line to .gitattributes: evgen.lock text eol=lf\nThen: rm evgen.lock && git checkout HEAD -- evgen.lock",
};

/** Why a text cannot be read line by line, if it cannot. */
const foreignText = (file: string, text: string): Diagnostic | undefined => {
  const mark = /^(?:<{7}|={7}|>{7}|\|{7})(?: .*)?$/m.exec(text);
  if (mark !== null) return report(file, [mark.index, mark.index + mark[0].length], "lock-conflict", {});
  const carriage = text.indexOf("\r");
  if (carriage >= 0) return report(file, [lineStart(text, carriage), carriage], "lock-line-ends", {});

  const [first = "", second = ""] = text.split("\n", 2);
  const start = first.length + 1;
  const format = /^(\S+) (\d+)$/.exec(second);
  if (!first.startsWith("# ") || format?.[1] !== formatWord) {
    const at: [number, number] = first.startsWith("# ") ? [start, start + second.length] : [0, first.length];
    if (text.length < 200 && !text.includes("\nend\n")) return report(file, at, "lock-cut", {});
    return report(file, at, "lock-unknown", { problem: `a lock starts with a comment and ${formatWord} 1` });
  }
  const [, , found = ""] = format;
  if (found === String(formatVersion)) return undefined;
  const range: [number, number] = [start, start + second.length];
  return /^[1-9]\d*$/.test(found)
    ? report(file, range, "lock-newer", { found, known: formatVersion })
    : report(file, range, "lock-unknown", { problem: `there is no format ${found}` });
};

const lineStart = (text: string, offset: number): number => text.lastIndexOf("\n", offset - 1) + 1;

const readLines = (
  file: string,
  text: string,
): {
  readonly facts: readonly Fact[];
  readonly byKey: ReadonlyMap<string, Fact>;
  readonly diagnostics: readonly Diagnostic[];
} => {
  const facts: Fact[] = [];
  const diagnostics: Diagnostic[] = [];
  const byKey = new Map<string, Fact>();
  let before: Fact | undefined;
  let inOrder = true;
  let ended = false;
  // The comment and the format have been looked at.
  let start = text.indexOf("\n", text.indexOf("\n") + 1) + 1;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? undefined : end);
    const range: [number, number] = [start, start + line.length];
    start += line.length + 1;
    if (ended) {
      diagnostics.push(report(file, range, "lock-unknown", { problem: "it stands after the end" }));
      break;
    }
    if (line === lastLine && end >= 0) {
      ended = true;
      continue;
    }
    // Half a line at the end of the file says nothing but that.
    if (end < 0) break;
    const fact = readLine(file, line, range);
    if ("problem" in fact) {
      diagnostics.push(fact.problem);
      continue;
    }
    const key = `${fact.kind} ${fact.key}`;
    const twin = byKey.get(key);
    if (twin !== undefined) {
      const related = [{ message: "It is here first.", place: placeOf(file, twin.range) }];
      const parameters = { what: whatOf(fact, twin), same: twin.json === fact.json };
      diagnostics.push(report(file, range, "lock-twice", parameters, related));
      continue;
    }
    // One line that was moved puts all that it has passed out of order.
    if (before !== undefined && sortKeyOf(fact) < sortKeyOf(before) && inOrder) {
      diagnostics.push(report(file, range, "lock-order", { before: `${before.kind} ${before.key}` }));
      inOrder = false;
    }
    before = fact;
    byKey.set(key, fact);
    facts.push(fact);
  }
  if (!ended) {
    const last = lineStart(text, text.endsWith("\n") ? text.length - 1 : text.length);
    diagnostics.push(report(file, [last, text.length], "lock-cut", {}));
  }
  return { facts, byKey, diagnostics };
};

const readLine = (
  file: string,
  line: string,
  range: readonly [number, number],
): Fact | { readonly problem: Diagnostic } => {
  const unknown = (problem: string) => ({ problem: report(file, range, "lock-unknown", { problem }) });
  const edited = (what: string) => ({ problem: report(file, range, "lock-edited", { what }) });
  if (line === "") return unknown("it is empty");
  const word = line.split(" ", 1)[0] ?? "";
  if (!isKind(word)) return unknown(`there is no kind of line that starts with ${JSON.stringify(word.slice(0, 40))}`);
  const hash = /^.* #([0-9a-f]{12})$/s.exec(line)?.[1];
  if (hash === undefined) return edited("the hash at its end is missing");
  const text = line.slice(0, -hash.length - 2);
  const found = lineHash(text);
  if (found !== hash) return edited(`its hash is ${hash}, and ${found} is that of what it says`);
  const fact = splitFact(text);
  return fact === undefined ? unknown("its value is missing") : { ...fact, hash, range };
};

/** What a line is about, for people. */
const whatOf = (fact: Fact, twin: Fact): string => {
  if (fact.kind !== "branch") return factText(fact.kind, fact.key, "").trimEnd();
  const [topic = "", position = ""] = fact.key.split(" ");
  if (fact.json === twin.json) return `position ${Number(position)} of ${topic}`;
  return `position ${Number(position)} of ${topic}, ${twin.json.slice(1, -1)} and ${fact.json.slice(1, -1)}`;
};

const branchesOf = (facts: readonly Fact[]): ReadonlyMap<string, readonly string[]> => {
  const branches = new Map<string, string[]>();
  for (const fact of facts) {
    if (fact.kind !== "branch") continue;
    const topic = fact.key.split(" ", 1)[0] ?? "";
    const names = branches.get(topic);
    const name = fact.json.slice(1, -1);
    if (names === undefined) branches.set(topic, [name]);
    else names.push(name);
  }
  return branches;
};

/** Lines that have to be there because of others. */
const missingIn = (
  file: string,
  facts: readonly Fact[],
  keys: ReadonlyMap<string, Fact>,
  branches: ReadonlyMap<string, readonly string[]>,
): readonly Diagnostic[] => {
  const missing: Diagnostic[] = [];
  const miss = (what: string, near?: Fact): void => {
    missing.push(report(file, near?.range ?? [0, 0], "lock-missing", { what }));
  };
  if (!keys.has("system ")) miss("that of the system");

  const placed = new Set<string>();
  for (const [topic, names] of branches) {
    if (!keys.has(`topic ${topic}`)) miss(`that of the topic ${topic}`, keys.get(`branch ${branchKey(topic, 0)}`));
    for (const [position, name] of names.entries()) {
      if (!keys.has(`branch ${branchKey(topic, position)}`)) {
        miss(`what has position ${position} in ${topic}`, keys.get(`topic ${topic}`));
        break;
      }
      placed.add(name);
    }
  }
  const hashes = new Map<string, string[]>();
  const versions = new Set<string>();
  for (const fact of facts) {
    const key = sumKeyOf(fact);
    if (key === undefined) continue;
    const its = hashes.get(key);
    if (its === undefined) hashes.set(key, [fact.hash]);
    else its.push(fact.hash);
    if (fact.kind !== "version") continue;
    const [, event, number] = fact.key.split(" ");
    versions.add(`${event}V${number}`);
    if (!placed.has(`${event}V${number}`)) miss(`the position of ${event}V${number} on its topic`, fact);
  }
  for (const name of placed) if (!versions.has(name)) miss(`that of ${name}, which has a position on a topic`);
  for (const [aggregate, its] of hashes) {
    const sum = keys.get(`sum ${aggregate}`);
    const near = keys.get(`aggregate ${aggregate}`) ?? keys.get(aggregate.replace(":", " "));
    if (sum === undefined) miss(`that which sums up ${aggregate}`, near);
    else if (sum.json !== JSON.stringify(sumOf(its))) miss(`some of ${aggregate}, as its sum tells`, sum);
  }
  for (const fact of facts) if (fact.kind === "sum" && !hashes.has(fact.key)) miss(`all of ${fact.key}`, fact);
  return missing;
};
