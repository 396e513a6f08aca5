import type { AvroLine } from "./schema.js";

/**
 * What is wrong with a name, or nothing. 1.11 looks at the name only and at no namespace; Pulsar 4.2 has 1.12 look at both,
 * and lets `$` through. Letters are those of Unicode in both.
 */
export const wrongName = (name: string | undefined, avro: AvroLine): string | undefined => {
  if (name === undefined) return "a name is missing";
  if (name === "") return "a name is empty";
  const form = avro === "1.11" ? /^[\p{L}_][\p{L}\p{Nd}_]*$/u : /^[\p{L}_$][\p{L}\p{Nd}_$]*$/u;
  return form.test(name) ? undefined : `"${name}" is no name`;
};

/** What is wrong with a full name whose last part is sound: its namespace, to which 1.11 never looks. */
export const wrongNamespace = (full: string, avro: AvroLine): string | undefined => {
  if (avro === "1.11") return undefined;
  const wrong = full
    .split(".")
    .slice(0, -1)
    .find((part) => wrongName(part, avro) !== undefined);
  return wrong === undefined ? undefined : `"${wrong}" in the namespace of "${full}" is no name`;
};

/** A name in the namespace where it stands; one with dots brings its own. */
export const fullName = (name: string, namespace: string | undefined): string => {
  const dot = name.lastIndexOf(".");
  const space = dot < 0 ? namespace : name.slice(0, dot);
  const last = name.slice(dot + 1);
  return space === undefined || space === "" ? last : `${space}.${last}`;
};

export const namespaceOf = (full: string): string | undefined => {
  const dot = full.lastIndexOf(".");
  return dot < 0 ? undefined : full.slice(0, dot);
};
