import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { visible } from "../diagnostics/visible.js";
import { wrongUse } from "./failure.js";

/** A model to work on. */
export interface ModelFile {
  /** The folder that holds it: absolute, symbolic links resolved. */
  readonly folder: string;
  /** Its name in the folder. */
  readonly entry: string;
  /** How the folder is shown: relative to where the command was called, with a slash at the end, or empty for there. */
  readonly prefix: string;
}

/** What a model is called when nobody says so. */
export const usualNames = ["model.yaml", "model.yml", "evgen.yaml", "evgen.yml"];

/** The model that the user named, by its file or its folder, or else the usual one of the current folder. */
export const findModel = (named: string | undefined): ModelFile => {
  const path = named ?? ".";
  if (!existsSync(path)) throw wrongUse(`There is no file ${visible(path)}.`);
  if (!statSync(path).isDirectory()) return modelFile(path);
  const found = usualNames.filter((name) => existsSync(join(path, name)));
  const where = path === "." ? "here" : `in ${visible(path)}`;
  if (found.length > 1)
    throw wrongUse(`There are ${found.join(" and ")} ${where}. Say which one: evgen build ${found[0]}`);
  if (found[0] === undefined)
    throw wrongUse(
      `There is no model.yaml or evgen.yaml ${where}. Name the model's file, or make a first one with evgen init.`,
    );
  return modelFile(join(path, found[0]));
};

const modelFile = (path: string): ModelFile => modelIn(realpathSync(dirname(path)), basename(path));

/** A model whose folder is known, with symbolic links resolved. */
export const modelIn = (folder: string, entry: string): ModelFile => {
  const way = relative(realpathSync("."), folder).replaceAll(sep, "/");
  return { folder, entry, prefix: way === "" ? "" : `${way}/` };
};
