import type { PulsarSettings } from "./model.js";

/** The Avro namespace of a model's records: tenant and namespace of Pulsar, made Avro names. */
export const avroNamespace = ({ pulsar }: { readonly pulsar: Pick<PulsarSettings, "tenant" | "namespace"> }): string =>
  `${avroName(pulsar.tenant)}.${avroName(pulsar.namespace)}`;

export const isAvroName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** A text as an Avro name: itself if it is one. */
export const avroName = (text: string): string => {
  const name = text.replace(/[^A-Za-z0-9_]/g, "_");
  return /^[0-9]/.test(name) || name === "" ? `_${name}` : name;
};
