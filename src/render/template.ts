import { readdirSync, readFileSync } from "node:fs";
import Handlebars from "handlebars";
import type { Code } from "./code.js";

/** What a template is given. It can only place: a number or a plain string in it does not compile. */
export type View = Code | boolean | readonly View[] | { readonly [name: string]: View };

/** The text of a file: a template of the package's templates/ folder, such as `typescript/event.ts`, with its view. */
export const render = (template: string, view: { readonly [name: string]: View }): string =>
  compiled(template)(complaining(view));

const folder = new URL("../../templates/", import.meta.url);

const handlebars = Handlebars.create();
for (const helper of ["blockHelperMissing", "helperMissing", "lookup", "log", "with"]) {
  handlebars.unregisterHelper(helper);
}

const templates = new Map<string, HandlebarsTemplateDelegate>();
const targets = new Set<string>();

const compiled = (name: string): HandlebarsTemplateDelegate => {
  const known = templates.get(name);
  if (known !== undefined) return known;
  registerPartials(name.slice(0, name.indexOf("/")));
  const template = compile(new URL(`${name}.hbs`, folder));
  templates.set(name, template);
  return template;
};

/** templates/typescript/partials/doc.hbs is `{{> doc}}` in all templates of its target. */
const registerPartials = (target: string): void => {
  if (targets.has(target)) return;
  targets.add(target);
  const partials = new URL(`${target}/partials/`, folder);
  for (const file of entries(partials)) {
    handlebars.registerPartial(`${target}/${file.slice(0, -".hbs".length)}`, compile(new URL(file, partials)));
  }
};

const entries = (directory: URL): readonly string[] => {
  try {
    return readdirSync(directory).filter((file) => file.endsWith(".hbs"));
  } catch {
    // A target without partials.
    return [];
  }
};

const compile = (file: URL): HandlebarsTemplateDelegate =>
  handlebars.compile(readFileSync(file, "utf8"), {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
    // Only these are left; strict mode alone lets a missing name pass in `#if` and `#each`, hence the proxy below.
    knownHelpers: { each: true, if: true, unless: true },
  });

/** The view, throwing where a template asks for a name that is not in it. */
const complaining = <T extends object>(view: T): T =>
  new Proxy(view, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (!Object.hasOwn(target, name)) {
        // Handlebars itself compares contexts, which asks for valueOf.
        if (typeof name === "string" && value === undefined) throw new Error(`the view has no ${JSON.stringify(name)}`);
        return value;
      }
      return typeof value === "object" && value !== null ? complaining(value) : value;
    },
  });
