import { createHash } from "node:crypto";

/**
 * The name of an object in Kubernetes for a name of Pulsar's: itself where it can be one, else as near as may be, with a
 * part of a hash so that two of them stay two. At most 63 characters: lower case letters, digits and dashes.
 */
export const objectName = (text: string): string => {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const exact = text.replaceAll("/", "-");
  if (plain === exact && plain.length <= longest) return plain;
  return `${plain.slice(0, longest - hashLength - 1).replace(/-+$/, "") || "x"}-${shortHash(text)}`;
};

/** Eight hexadecimal digits of the hash of a text. */
export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, hashLength);

const longest = 63;
const hashLength = 8;
