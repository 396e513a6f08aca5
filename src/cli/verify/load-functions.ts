import { pathToFileURL } from "node:url";
import { visible } from "../../diagnostics/visible.js";
import type { Functions } from "../../runtime/definitions.js";
import { messageOf } from "../../runtime/errors.js";
import { wrongUse } from "../failure.js";

/**
 * The functions of these names that a module exports, each by its own name or in an object. Runs the module. Throws a
 * failure where it cannot be imported, or has two functions of one name.
 */
export const loadFunctions = async (file: string, shown: string, names: readonly string[]): Promise<Functions> => {
  const module = await importModule(file, shown);
  const found: { [name: string]: (...parameters: never) => unknown } = {};
  for (const name of names) {
    const own = new Map(holders(module).flatMap((holder) => functionIn(holder, name)));
    if (own.size > 1) throw wrongUse(`${visible(shown)} exports more than one function ${name}: export one of them.`);
    // A method needs its object.
    for (const [one, holder] of own) found[name] = holder === module ? one : one.bind(holder as never);
  }
  return found;
};

type Holder = { readonly [name: string]: unknown };
type AnyFunction = Functions[string];

/** The module, and all objects that it exports. */
const holders = (module: Holder): readonly Holder[] => [
  module,
  ...Object.values(module).filter((value): value is Holder => typeof value === "object" && value !== null),
];

const functionIn = (holder: Holder, name: string): readonly (readonly [AnyFunction, Holder])[] => {
  const value = name in Object.prototype && !Object.hasOwn(holder, name) ? undefined : holder[name];
  return typeof value === "function" ? [[value as AnyFunction, holder]] : [];
};

const importModule = async (file: string, shown: string): Promise<Holder> => {
  if (/\.[cm]?ts$/.test(file) && !stripsTypes()) {
    throw wrongUse(
      `Node.js ${process.version} cannot run ${visible(shown)}: it strips types from 22.18 and 23.6 on. Compile it, and name the JavaScript: evgen verify --functions <file>.js`,
    );
  }
  try {
    return (await import(pathToFileURL(file).href)) as Holder;
  } catch (error) {
    throw wrongUse(`${visible(shown)} cannot be imported: ${visible(messageOf(error))}${hintFor(error)}`);
  }
};

const stripsTypes = (): boolean => Boolean((process.features as { readonly typescript?: unknown }).typescript);

/** Node wants the extension that a file has, and TypeScript writes the one that it will have. */
const hintFor = (error: unknown): string =>
  (error as { readonly code?: unknown } | undefined)?.code === "ERR_MODULE_NOT_FOUND"
    ? "\nImport types with `import type`, which asks for no file; name other TypeScript files as they are, with .ts, or compile them."
    : "";
