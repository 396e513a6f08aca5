/** Made of the templates by templates/precompile.mjs, when evgen is bundled or tested. */
declare module "evgen:templates" {
  /** By folder and name: `typescript/event.ts`. */
  export const templates: { readonly [name: string]: TemplateSpecification };
  /** templates/typescript/partials/lines.hbs is `typescript/lines`. */
  export const partials: { readonly [name: string]: TemplateSpecification };
}

/** The part of handlebars that runs what is precompiled. */
declare module "handlebars/runtime.js" {
  const Handlebars: typeof import("handlebars");
  export = Handlebars;
}
