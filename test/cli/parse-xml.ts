/** An element of a well-formed document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/**
 * Parses the part of XML 1.0 that a report is made of: elements, attributes in double quotes, text, the predefined
 * entities. Throws on all else, also on characters that XML cannot hold.
 */
export const parseXml = (document: string): Element => {
  const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(document);
  if (illegal !== null) throw new Error(`Character ${illegal[0].codePointAt(0)?.toString(16)} at ${illegal.index}.`);
  const header = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(header)) throw new Error("There is no declaration.");
  const rest = { text: document.slice(header.length) };
  const root = element(rest);
  if (rest.text.trim() !== "") throw new Error(`After the root: ${rest.text}`);
  return root;
};

type Rest = { text: string };

const element = (rest: Rest): Element => {
  const start = take(rest, /^<([a-z][a-z-]*)((?: [a-z]+="[^"<]*")*)(\/?)>/);
  const [, name = "", written = "", empty] = start;
  const attributes: Record<string, string> = {};
  for (const [, key = "", value = ""] of written.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`${key} is there twice.`);
    attributes[key] = decode(value);
  }
  const children: Element[] = [];
  let text = "";
  if (empty === "/") return { name, attributes, children, text };
  for (;;) {
    text += decode(take(rest, /^[^<]*/)[0]);
    if (rest.text.startsWith("</")) break;
    children.push(element(rest));
  }
  take(rest, new RegExp(`^</${name}>`));
  return { name, attributes, children, text };
};

const take = (rest: Rest, pattern: RegExp): RegExpExecArray => {
  const match = pattern.exec(rest.text);
  if (match === null) throw new Error(`Expected ${pattern}: ${rest.text.slice(0, 80)}`);
  rest.text = rest.text.slice(match[0].length);
  return match;
};

const decode = (text: string): string => {
  if (text.includes("]]>")) throw new Error("]]> stands in text.");
  return text.replace(/&([^;]*;?)/g, (_, name: string) => {
    const value = entities[name];
    if (value === undefined) throw new Error(`&${name} is no entity.`);
    return value;
  });
};

const entities: Readonly<Record<string, string>> = { "amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"' };
