import { entry } from "../entry.js";

/** Of the output folder: what stands in the way of writing to it. */
export const outputCodes = {
  "output-edited": entry(
    "error",
    (p: { readonly path: string; readonly removes: boolean; readonly merge: boolean }) =>
      `${p.path} was ${p.merge ? "left by a merge with conflict marks" : "changed since evgen wrote it"}, so evgen does not ${p.removes ? "remove" : "overwrite"} it.`,
    `evgen knows the hashes of the files it wrote, from \`.evgen-manifest\` in the output folder, and touches nothing else.
The content of this file is none of them: somebody edited it, or a merge mixed two versions of it. Nothing was written at
all, so that the output is never half old and half new.

Generated files are not the place for a change: put it into the model, or into a file of your own beside the output.
\`evgen build --check\` shows the difference. When nothing in it is worth keeping, \`evgen build --force\` overwrites it.

After a merge that is the way to go. With the \`.gitattributes\` that \`evgen init\` writes, git leaves generated files alone
in a merge, and a plain \`evgen build\` makes them right.`,
  ),
  "output-foreign": entry(
    "error",
    (p: { readonly path: string }) => `${p.path} was not written by evgen, so evgen does not overwrite it.`,
    `The model makes a file of this name, and one that evgen did not write stands there. Nothing was written at all. Move
the file out of the output folder, or let \`evgen build --force\` overwrite it. If the file is evgen's and its manifest was
lost, \`--force\` is right.`,
  ),
  "output-blocked": entry(
    "error",
    (p: { readonly path: string; readonly what: string }) => `${p.path} cannot be written: ${p.what}.`,
    `Where the model makes a file, there is a folder, a symbolic link or something else that evgen does not write through.
Symbolic links in the output folder are never followed, because they may lead out of it. Remove what stands there;
\`--force\` replaces a symbolic link with the file, and leaves what it leads to alone.`,
  ),
  "output-outside": entry(
    "error",
    (p: { readonly out: string; readonly problem: string }) =>
      `The output folder "${p.out}" cannot be used: ${p.problem}.`,
    `\`generate.out\` is a folder inside the model's folder, also when symbolic links are followed: a model that somebody
else wrote must not be able to write just anywhere. To generate into a folder elsewhere, put the model's first file into a
folder that holds both.`,
  ),
  "output-path": entry(
    "error",
    (p: { readonly path: string; readonly target: string; readonly problem: string }) =>
      `The target "${p.target}" makes a file that cannot be written, "${p.path}": ${p.problem}.`,
    `Every generated file stays in the output folder and has a name that works on Linux, macOS and Windows. Rename what the
file is named for.`,
  ),
  "output-twice": entry(
    "error",
    (p: { readonly path: string; readonly other: string }) =>
      p.path === p.other
        ? `Two files of the output have one path, "${p.path}".`
        : `"${p.path}" and "${p.other}" are one file where upper and lower case are not told apart, or one is the folder of the other.`,
    `Two elements of the model lead to the same file, at least on macOS and Windows, where \`Order.ts\` and \`order.ts\` are
one. Rename one of them.`,
  ),
};
