import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { JsonValue } from "../model/type.js";
import type { DocumentCache, ModelDocument } from "./load.js";

/** A cache of documents of which only those get into it that have the right form, so that it is not checked again. */
export const rememberValid = (cache: DocumentCache | undefined) => {
  const known = new Set<JsonValue>();
  const texts = new Map<JsonValue, string>();
  return {
    cache: {
      get: (text: string) => {
        const value = cache?.get(text);
        if (value !== undefined) known.add(value);
        return value;
      },
      set: (text: string, value: JsonValue) => {
        texts.set(value, text);
      },
    },
    isKnown: (value: JsonValue) => known.has(value),
    save: (documents: readonly ModelDocument[], invalid: readonly Diagnostic[]) => {
      const wrong = new Set(invalid.map(({ place }) => place.file));
      for (const { file, value } of documents) {
        const text = texts.get(value);
        if (text !== undefined && !wrong.has(file)) cache?.set(text, value);
      }
    },
  };
};
