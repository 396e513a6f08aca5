import { partials, templates } from "evgen:templates";
import Handlebars from "handlebars/runtime.js";
import type { Code } from "./code.js";

/** What a template is given. It can only place: a number or a plain string in it does not compile. */
export type View = Code | boolean | readonly View[] | { readonly [name: string]: View };

/** The text of a file: a template of the templates/ folder, such as `typescript/event.ts`, with its view. */
export const render = (template: string, view: { readonly [name: string]: View }): string =>
  prepared(template)(complaining(view));

const handlebars = Handlebars.create();
for (const helper of ["blockHelperMissing", "helperMissing", "lookup", "log", "with"]) {
  handlebars.unregisterHelper(helper);
}
for (const [name, partial] of Object.entries(partials)) handlebars.registerPartial(name, handlebars.template(partial));

const ready = new Map<string, HandlebarsTemplateDelegate>();

const prepared = (name: string): HandlebarsTemplateDelegate => {
  const known = ready.get(name);
  if (known !== undefined) return known;
  const precompiled = templates[name];
  if (precompiled === undefined) throw new Error(`there is no template ${name}`);
  const template = handlebars.template(precompiled);
  ready.set(name, template);
  return template;
};

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
