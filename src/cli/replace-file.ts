import { lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/**
 * Writes a file in one step, so that nothing is lost when it fails: it is the old one or the new one, never a part. One
 * that is there keeps its mode; a symbolic link stays, and what it leads to is replaced.
 */
export const replaceFile = (file: string, content: string): void => {
  const isThere = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  const real = isThere ? realpathSync(file) : file;
  const partial = `${real}.evgen-${process.pid}`;
  rmSync(partial, { force: true });
  try {
    writeFileSync(partial, content, { flag: "wx", ...(isThere ? { mode: statSync(real).mode } : {}) });
    renameSync(partial, real);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  }
};
