import { hash } from "node:crypto";
import type { GeneratedFile, KnownFile } from "../targets/target.js";

/** In hexadecimal, lower case. */
export const sha256 = (content: string | Uint8Array): string => hash("sha256", content, "hex");

/** The hash of a file's content; asked for again, it is not made again. */
export const hashOf = (file: GeneratedFile | KnownFile): string => {
  if (!("content" in file)) return file.sha256;
  let known = hashes.get(file);
  if (known === undefined) {
    known = sha256(file.content);
    hashes.set(file, known);
  }
  return known;
};

const hashes = new WeakMap<GeneratedFile, string>();
