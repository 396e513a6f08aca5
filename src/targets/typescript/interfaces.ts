import type { Field, RecordType } from "../../model/type.js";
import {
  type Code,
  code,
  comment,
  docTextLines,
  identifier,
  joinCode,
  propertyKey,
  trusted,
} from "../../render/code.js";
import { lineWidth, width } from "../../render/layout.js";
import type { TargetContext } from "../target.js";
import type { Scope } from "./scope.js";
import { brokenType, typeCode } from "./type.js";

/** A record that becomes an interface. It holds all that its text is made from. */
export interface RecordDeclaration {
  readonly name: Code;
  readonly doc: readonly Code[];
  readonly fields: readonly FieldDeclaration[];
}

interface FieldDeclaration {
  readonly key: Code;
  readonly optional: boolean;
  readonly type: Code;
  /** The type over several lines, for when it does not fit into one. */
  readonly broken?: Code;
  readonly doc: readonly Code[];
}

/** A record's declaration, and those of the records without a name that it holds, each after the one that uses it. */
export const declareRecords = (
  record: RecordType,
  name: Code,
  doc: readonly Code[],
  scope: Scope,
): readonly RecordDeclaration[] => {
  const known = new Set(scope.inline.keys());
  const own = { name, doc, fields: record.fields.map((field) => declareField(field, scope)) };
  const inner = [...scope.inline.values()].filter((one) => !known.has(one.name));
  return [
    own,
    ...inner.flatMap((one) => declareRecords(one, identifier(one.name), docTextLines(`A part of ${name}.`), scope)),
  ];
};

/**
 * The text of each declaration, by json-schema-to-typescript. Files whose texts are among the fragments do not call
 * it, nor load it; the others are made in a few calls, since a call costs more than a record.
 */
export const interfaceTexts = async (
  files: readonly (readonly RecordDeclaration[])[],
  fragments: TargetContext["fragments"],
): Promise<readonly (readonly Code[])[]> => {
  const keys = files.map((records) => `typescript interfaces ${JSON.stringify(records)}`);
  const texts = keys.map((key) => parse(fragments.get(key)));
  const missing = files.map((_, index) => index).filter((index) => texts[index] === undefined);
  for (const batch of batches(missing, (index) => files[index]?.length ?? 0)) {
    const made = await make(batch.flatMap((index) => files[index] ?? []));
    let next = 0;
    for (const index of batch) {
      const own = made.slice(next, next + (files[index]?.length ?? 0));
      next += own.length;
      texts[index] = own;
      fragments.set(keys[index] ?? "", JSON.stringify(own));
    }
  }
  return texts.map((text) => text ?? []);
};

const declareField = (field: Field, scope: Scope): FieldDeclaration => {
  const type = typeCode(field.type, scope);
  const broken = brokenType(field.type, field.optional, scope);
  return {
    key: propertyKey(field.name),
    optional: field.optional,
    type: field.optional ? code`${type} | undefined` : type,
    ...(broken === undefined ? {} : { broken }),
    doc: fieldDoc(field),
  };
};

const fieldDoc = (field: Field): readonly Code[] => {
  const example = field.example === undefined ? "" : JSON.stringify(field.example);
  return docTextLines(
    field.description,
    field.pii ? "Personal data." : undefined,
    example === "" || example.length > 80 ? undefined : `For example ${example}.`,
    field.deprecated === undefined
      ? undefined
      : { tag: "deprecated", text: field.deprecated === true ? "" : field.deprecated },
  );
};

const parse = (text: string | undefined): readonly Code[] | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as string[]).map((one) => trusted(one, "an earlier run"));

/** Runs of indices whose sizes add up to some fifty. */
const batches = (indices: readonly number[], size: (index: number) => number): readonly (readonly number[])[] => {
  const found: number[][] = [];
  let room = 0;
  for (const index of indices) {
    if (room <= 0) {
      found.push([]);
      room = 50;
    }
    found.at(-1)?.push(index);
    room -= size(index);
  }
  return found;
};

/**
 * The library is given nothing of the user's but what is code already: names of our own for records and properties, and
 * types as they are to be printed. So it renames nothing, reads nothing, and nothing in it can be taken for anything.
 */
const make = async (records: readonly RecordDeclaration[]): Promise<readonly Code[]> => {
  const filled = records.filter((record) => record.fields.length > 0);
  if (filled.length === 0) return records.map(emptyRecord);
  const { compile } = await import("json-schema-to-typescript");
  const definitions = Object.fromEntries(filled.map((record, index) => [`R${index}`, recordSchema(record)]));
  const root = { anyOf: filled.map((_, index) => ({ $ref: `#/definitions/R${index}` })), definitions };
  const output = await compile(root as Parameters<typeof compile>[0], "Root", {
    format: false,
    bannerComment: "",
    $refOptions: { resolve: { external: false, file: false, http: false } },
  });
  const bodies = bodiesOf(output);
  return records.map((record) =>
    record.fields.length === 0 ? emptyRecord(record) : interfaceOf(record, bodies.get(filled.indexOf(record)) ?? []),
  );
};

const recordSchema = (record: RecordDeclaration): object => ({
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(record.fields.map((field, index) => [`p${index}`, { tsType: field.type }])),
  required: record.fields.flatMap((field, index) => (field.optional ? [] : [`p${index}`])),
});

/** The lines between the braces of each interface. */
const bodiesOf = (output: string): ReadonlyMap<number, readonly string[]> => {
  const bodies = new Map<number, string[]>();
  let body: string[] = [];
  for (const line of output.split("\n")) {
    const start = /^export interface R(\d+) \{$/.exec(line);
    if (start !== null) {
      body = [];
      bodies.set(Number(start[1]), body);
    } else body.push(line);
  }
  return bodies;
};

const interfaceOf = (record: RecordDeclaration, body: readonly string[]): Code => {
  const lines = record.fields.map((field, index) => propertyText(field, body[index] ?? "", index));
  const parts = [...commentOf(record.doc, ""), code`export interface ${record.name} {`, ...lines, code`}`];
  return joinCode(parts, code`\n`);
};

/** A line of the library's, with the property's own name and in our format. */
const propertyText = (field: FieldDeclaration, line: string, index: number): Code => {
  const expected = `p${index}${field.optional ? "?" : ""}: `;
  if (!line.startsWith(expected)) throw new Error(`json-schema-to-typescript printed ${line} for ${field.key}`);
  const type = trusted(line.slice(expected.length), "json-schema-to-typescript");
  const start = code`  ${field.key}${field.optional ? code`?` : code``}:`;
  const flat = code`${start} ${type};`;
  const fits = width(flat) <= lineWidth || field.broken === undefined;
  const text = fits ? flat : code`${start}${field.broken ?? type};`;
  return joinCode([...commentOf(field.doc, "  "), text], code`\n`);
};

const commentOf = (lines: readonly Code[], indent: string): readonly Code[] =>
  comment(lines).map((line) => `${indent}${line}` as Code);

const emptyRecord = (record: RecordDeclaration): Code =>
  joinCode(
    [...commentOf(record.doc, ""), code`export type ${record.name} = Readonly<Record<string, never>>;`],
    code`\n`,
  );
