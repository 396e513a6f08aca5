declare const brand: unique symbol;

/** Text that is safe to print into a file: made of values by an encoder, or written in evgen's own source. */
export type Code = string & { readonly [brand]: "Code" };

/** Code from a template literal of evgen's own source, into which only code can be put. */
export const code = (strings: TemplateStringsArray, ...parts: readonly Code[]): Code =>
  String.raw({ raw: strings.map((part) => part) }, ...parts) as Code;

/** Code, joined by code. */
export const joinCode = (parts: readonly Code[], separator: Code): Code => parts.join(separator) as Code;
