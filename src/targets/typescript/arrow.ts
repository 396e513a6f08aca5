import { type Code, code, joinCode } from "../../render/code.js";
import { group, type Layout, lineWidth, print, width } from "../../render/layout.js";

/**
 * `export const name = (parameters): result => body;`, broken over lines as Biome does. A body that is an object stands
 * in parentheses of its own: `({ … })`.
 */
export const arrowDeclaration = (name: Code, parameters: readonly Code[], result: Code, body: Layout): Code =>
  code`${arrow(code`export const ${name} = `, parameters, code`: ${result} =>`, body, 0, 1)}`;

const arrow = (
  prefix: Code,
  parameters: readonly Code[],
  suffix: Code,
  body: Layout,
  indent: number,
  after: number,
): Code => {
  const head = code`${prefix}(${joinCode(parameters, code`, `)})${suffix}`;
  const flat = typeof body === "string" ? body : body.flat;
  const hugs = typeof body !== "string" && body.open.startsWith("(");
  if (flat !== undefined && width(head) + 1 + width(flat) + after <= lineWidth) return code`${head} ${flat};`;
  if (hugs && width(head) + 1 + width(body.open) <= lineWidth) {
    return code`${head} ${print(body, indent, width(head) + 1, after)};`;
  }
  if (!hugs && width(head) <= lineWidth) return code`${head}\n  ${print(body, indent + 2, indent + 2, after)};`;
  const broken = print(group(code`${prefix}(`, parameters, code`)`, { broken: true }), indent);
  const last = width(code`)${suffix} `);
  if (hugs || (flat !== undefined && last + width(flat) + after <= lineWidth)) {
    return code`${broken}${suffix} ${print(body, indent, last, after)};`;
  }
  return code`${broken}${suffix}\n  ${print(body, indent + 2, indent + 2, after)};`;
};
