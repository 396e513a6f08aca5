import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

export interface Done {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds model.example.yaml, with changes to its text, by the built command line; the folder has spaces in its name. */
export const useExample = () => {
  const work = mkdtempSync(join(tmpdir(), "evgen example "));
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  let count = 0;
  return {
    /** Gives the folder of what was generated. A text that is not in the model is a mistake of the test. */
    build: async (...changes: readonly (readonly [from: string, to: string])[]): Promise<string> => {
      const folder = join(work, `model ${++count}`);
      mkdirSync(folder);
      let text = readFileSync(join(root, "model.example.yaml"), "utf8");
      for (const [from, to] of changes) {
        if (!text.includes(from)) throw new Error(`the example has no ${JSON.stringify(from)}`);
        text = text.replaceAll(from, to);
      }
      writeFileSync(join(folder, "model.yaml"), text);
      await run(process.execPath, [join(root, "dist/cli/main.js"), "build", "model.yaml"], { cwd: folder });
      return join(folder, "generated");
    },
    work,
  };
};

/** Runs a command to its end, whatever that is. */
export const execute = async (
  command: string,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Done> => {
  try {
    const done = await run(command, options, { cwd: tmpdir(), env: { ...process.env, ...env }, maxBuffer: 2 ** 26 });
    return { status: 0, ...done };
  } catch (error) {
    const failed = error as { readonly code?: number; readonly stdout?: string; readonly stderr?: string };
    if (typeof failed.code !== "number") throw error;
    return { status: failed.code, stdout: failed.stdout ?? "", stderr: failed.stderr ?? "" };
  }
};
