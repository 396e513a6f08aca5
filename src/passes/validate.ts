import { createRequire } from "node:module";
import type { ErrorObject, ValidateFunction } from "ajv";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.js";
import { diagnostic, keyOf } from "../diagnostics/diagnostic.js";
import type { JsonValue } from "../model/type.js";
import type { ModelDocument } from "./load.js";
import { createConforms } from "./validate/conforms.js";

/**
 * Checks the form of every document against the language's JSON Schema, which is what editors complete from. Every
 * mistake of every document is reported, once and at its place. Values that are known to have the form are believed.
 */
export const validate = async (
  documents: readonly ModelDocument[],
  isKnown: (value: JsonValue) => boolean = () => false,
): Promise<readonly Diagnostic[]> => {
  const diagnostics: Diagnostic[] = [];
  for (const [index, document] of documents.entries()) {
    if (index === 0) diagnostics.push(...missingVersion(document));
    if (!isKnown(document.value) && !conforms(document.value)) diagnostics.push(...(await mistakesOf(document)));
  }
  return diagnostics;
};

const mistakesOf = async ({ file, value }: ModelDocument): Promise<readonly Diagnostic[]> => {
  const isModel = await modelValidator();
  if (isModel(value)) return [];
  const { diagnosticsOfForm } = await import("./validate/form.js");
  return diagnosticsOfForm(file, value, (isModel.errors ?? []) as FormError[]);
};

/** An error of Ajv with the schema and the value that it is about. */
export type FormError = ErrorObject & {
  readonly params: FormParameters;
  readonly parentSchema: FormSchema;
  readonly data: JsonValue;
};

/** What Ajv says beside the keyword; which of them depends on the keyword. */
interface FormParameters {
  readonly additionalProperty?: string;
  readonly missingProperty?: string;
  readonly allowedValues?: readonly JsonValue[];
  readonly allowedValue?: JsonValue;
  readonly limit?: number;
  readonly i?: number;
  readonly j?: number;
}

/** The keywords of model.schema.json that messages are made from; `errorMessage` and the like are also shown by editors. */
export interface FormSchema {
  readonly title?: string;
  readonly type?: string;
  readonly examples?: readonly JsonValue[];
  readonly properties?: { readonly [key: string]: FormSchema };
  readonly oneOf?: readonly RequiredBranch[];
  readonly anyOf?: readonly RequiredBranch[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly errorMessage?: string;
  readonly patternErrorMessage?: string;
  readonly doNotSuggest?: boolean;
}

/** The schema uses `oneOf` and `anyOf` only over branches that require keys. */
interface RequiredBranch {
  readonly required: readonly string[];
}

/** `evgen: 1` is only asked for in the first file. */
const missingVersion = ({ file, value }: ModelDocument): readonly Diagnostic[] => {
  if (Object.hasOwn(value as object, "evgen")) return [];
  const place: Place = keyOf({ file, path: [] });
  const help = "Write `evgen: 1` at the top of the first file: it says which version of the language the model is in.";
  return [diagnostic("missing-key", { owner: "A model", keys: ["evgen"] }, place, { help })];
};

const schema: object = createRequire(import.meta.url)("../../model.schema.json");
const conforms = createConforms(schema);

let compiled: Promise<ValidateFunction> | undefined;

const modelValidator = (): Promise<ValidateFunction> => {
  compiled ??= import("ajv").then(({ Ajv }) => {
    const ajv = new Ajv({
      allErrors: true,
      // The messages are made from the schema and the value, so both have to be in the errors.
      verbose: true,
      messages: false,
      // Keywords of editors, such as errorMessage, are none of Ajv's; a test checks the schema itself.
      strict: false,
      validateSchema: false,
      // Half the time to compile: the schema is used once a run, on little data.
      inlineRefs: false,
      code: { optimize: false },
    });
    return ajv.compile(schema);
  });
  return compiled;
};
