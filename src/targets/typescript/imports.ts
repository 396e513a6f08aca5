import { type Code, code, identifier, joinCode, literal } from "../../render/code.js";
import { group, print, width } from "../../render/layout.js";
import type { Names } from "../target.js";

/** What a generated file imports, collected while its text is made. */
export interface Imports {
  /** The name under which something is used in the file: its own, unless the model has something of that name. */
  type(module: Module, name: string): Code;
  value(module: Module, name: string): Code;
  /** One import a module, sorted as Biome does. */
  statements(): readonly Code[];
}

/** The runtime, or a generated file by its path from the target's folder, without extension: `order/order-placed`. */
type Module = "evgen/runtime" | { readonly file: string };

/** `file`: the importing one, as in Module. `taken`: all names that the generated code exports. */
export const createImports = (file: string, taken: Names): Imports => {
  const modules = new Map<string, Map<string, "type" | "value">>();
  const add = (module: Module, name: string, kind: "type" | "value"): Code => {
    const from = module === "evgen/runtime" ? module : relative(file, module.file);
    const names = modules.get(from) ?? new Map<string, "type" | "value">();
    modules.set(from, names);
    if (names.get(name) !== "value") names.set(name, kind);
    return identifier(module === "evgen/runtime" ? alias(name, taken) : name);
  };
  return {
    type: (module, name) => add(module, name, "type"),
    value: (module, name) => add(module, name, "value"),
    statements: () =>
      [...modules]
        .sort(([a], [b]) => compareModules(a, b))
        .map(([from, names]) => statement(from, names, from === "evgen/runtime" ? taken : new Set())),
  };
};

/** `./order/order-placed.js`, as the file `order` says it. */
export const relative = (from: string, to: string): string => {
  const [source, target] = [from.split("/"), to.split("/")];
  let shared = 0;
  while (shared < source.length - 1 && shared < target.length - 1 && source[shared] === target[shared]) shared++;
  const up = source.length - 1 - shared;
  return `${up === 0 ? "./" : "../".repeat(up)}${target.slice(shared).join("/")}.js`;
};

/** Biome's order of modules: packages, parent folders, own folder. */
export const compareModules = (a: string, b: string): number => distance(a) - distance(b) || compareNatural(a, b);

const distance = (module: string): number =>
  module.startsWith("./") ? Number.MAX_SAFE_INTEGER : module.startsWith("../") ? 1_000 - module.split("../").length : 0;

/** Biome's order of names: numbers by value, A before a before B, and punctuation before both. */
const compareNatural = (a: string, b: string): number => {
  let same = 0;
  while (same < a.length && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  let start = same;
  while (start > 0 && isDigit(a.charCodeAt(start - 1))) start--;
  const [x, y] = [digitsAt(a, start), digitsAt(b, start)];
  if (x !== y && x !== "" && y !== "") return Number(x) - Number(y) || x.length - y.length;
  if (same === a.length || same === b.length) return a.length - b.length;
  return rank(a.charAt(same)) - rank(b.charAt(same));
};

const digitsAt = (text: string, start: number): string => {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end++;
  return text.slice(start, end);
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const punctuation = "/._-$";

const rank = (character: string): number => {
  const found = punctuation.indexOf(character);
  if (found >= 0) return found;
  if (/\d/.test(character)) return 10;
  return 20 + 2 * character.toLowerCase().charCodeAt(0) + (character === character.toLowerCase() ? 1 : 0);
};

const alias = (name: string, taken: Names): string => {
  if (!taken.has(name)) return name;
  const own = /^[a-z]/.test(name) ? `runtime${name.charAt(0).toUpperCase()}${name.slice(1)}` : `Runtime${name}`;
  return alias(own, taken);
};

const statement = (from: string, names: ReadonlyMap<string, "type" | "value">, taken: Names): Code => {
  const sorted = [...names].sort(([a], [b]) => compareNatural(a, b));
  const allTypes = sorted.every(([, kind]) => kind === "type");
  const items = sorted.map(([name, kind]) => {
    const local = alias(name, taken);
    const renamed = local === name ? identifier(name) : joinCode([identifier(name), identifier(local)], code` as `);
    return kind === "type" && !allTypes ? code`type ${renamed}` : renamed;
  });
  const prefix = allTypes ? code`import type ` : code`import `;
  const end = code` from ${literal(from)};`;
  const [only] = items;
  // A single name stays on the line, however long it gets.
  if (items.length === 1 && only !== undefined) return code`${prefix}{ ${only} }${end}`;
  const list = group(code`{`, items, code`}`, { pad: true });
  return code`${prefix}${print(list, 0, width(prefix), width(end))}${end}`;
};
