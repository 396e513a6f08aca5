import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { visible } from "../../diagnostics/visible.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { usualNames } from "../find-model.js";
import { firstModel } from "../first-model.js";
import { replaceFile } from "../replace-file.js";
import type { Report } from "../report.js";
import { createReport } from "../report.js";

interface Options {
  readonly system?: string;
  readonly model?: string;
  readonly out?: string;
  readonly target?: readonly string[];
  readonly scripts?: boolean;
  readonly git?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** `evgen init`: a first model and what belongs to it. What is there stays as it is, so it can be run again. */
export const init = async (named: string, options: Options): Promise<ExitCode> => {
  const folder = resolve(named);
  if (existsSync(folder) && !statSync(folder).isDirectory()) throw wrongUse(`${visible(named)} is not a folder.`);
  const report = createReport({ quiet: options.quiet });
  const there = [...new Set([options.model ?? "model.yaml", ...usualNames])].find((name) =>
    existsSync(join(folder, name)),
  );
  const answers = await ask(checked(withDefaults(folder, options)), options, there !== undefined);
  mkdirSync(folder, { recursive: true });

  if (there === undefined) {
    writeFileSync(join(folder, answers.model), firstModel(answers), { flag: "wx" });
    report.note(`${answers.model}: written.\n`);
  } else report.note(`${there}: is there, left as it is.\n`);
  if (answers.scripts) addScripts(folder, there ?? answers.model, report);
  if (answers.git) {
    addAttributes(folder, answers.out, report);
    addHook(folder, report);
  }
  report.note(
    `Next: npx evgen build${usualNames.includes(there ?? answers.model) ? "" : ` ${there ?? answers.model}`}\n`,
  );
  return exitCode.done;
};

interface Answers {
  readonly system: string;
  readonly model: string;
  readonly out: string;
  readonly targets: readonly string[];
  readonly scripts: boolean;
  readonly git: boolean;
}

const withDefaults = (folder: string, options: Options): Answers => ({
  system: options.system ?? systemName(basename(folder)),
  model: options.model ?? "model.yaml",
  out: options.out ?? "generated",
  targets: options.target ?? ["typescript", "schemas", "pulsar-admin"],
  scripts: options.scripts !== false,
  git: options.git !== false,
});

const systemName = (folder: string): string => {
  const words = folder.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words
    .join("-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 60)
    .replace(/-+$/, "");
  return name === "" ? "my-system" : name;
};

const isSystem = (text: string): boolean => /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text) && text.length <= 60;

const checked = (answers: Answers): Answers => {
  const { system, model, out, targets } = answers;
  if (!isSystem(system))
    throw wrongUse(`--system ${visible(system)}: lower case letters, digits and dashes, such as web-shop.`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml$/.test(model))
    throw wrongUse(`--model ${visible(model)}: the name of a YAML file in the folder, such as model.yaml.`);
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(out))
    throw wrongUse(`--out ${visible(out)}: a folder below the model's, such as generated or src/generated.`);
  for (const target of targets)
    if (!/^[a-z][a-z0-9-]*$/.test(target)) throw wrongUse(`--target ${visible(target)}: the name of a target.`);
  return answers;
};

/** Asks for what no flag says, where there is someone to ask. */
const ask = async (answers: Answers, options: Options, hasModel: boolean): Promise<Answers> => {
  if (options.yes === true || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return answers;
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const line = async (question: string, usual: string, isRight: (text: string) => boolean): Promise<string> => {
    for (;;) {
      const answer = (await terminal.question(`${question} (${usual}) `)).trim() || usual;
      if (isRight(answer)) return answer;
      process.stderr.write("That cannot be used.\n");
    }
  };
  const yes = async (question: string): Promise<boolean> =>
    /^y/i.test(await line(question, "yes", (text) => /^(y|yes|n|no)$/i.test(text)));
  try {
    const folder = (text: string) => /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/.test(text) && !text.includes("..");
    return {
      ...answers,
      ...(hasModel || options.system !== undefined
        ? {}
        : { system: await line("Name of the system?", answers.system, isSystem) }),
      ...(hasModel || options.out !== undefined
        ? {}
        : { out: await line("Folder of the generated files?", answers.out, folder) }),
      ...(options.scripts === undefined || options.scripts ? { scripts: await yes("Scripts in package.json?") } : {}),
      ...(options.git === undefined || options.git ? { git: await yes(".gitattributes and a pre-commit entry?") } : {}),
    };
  } finally {
    terminal.close();
  }
};

const addScripts = (folder: string, model: string, report: Report): void => {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const manifest = parseObject(text);
  const { scripts = {} } = manifest ?? {};
  if (manifest === undefined || typeof scripts !== "object" || scripts === null || Array.isArray(scripts)) {
    report.note("package.json: is not as expected, left as it is.\n");
    return;
  }
  const build = usualNames.includes(model) ? "evgen build" : `evgen build ${model}`;
  const wanted = { "events:build": build, "events:check": `${build} --check` };
  const missing = Object.entries(wanted).filter(([name]) => !Object.hasOwn(scripts, name));
  if (missing.length === 0) {
    report.note("package.json: has the scripts.\n");
    return;
  }
  const indent = /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? "  ";
  const changed = JSON.stringify(
    { ...manifest, scripts: { ...scripts, ...Object.fromEntries(missing) } },
    undefined,
    indent,
  );
  replaceFile(file, changed + (/\r?\n$/.exec(text)?.[0] ?? ""));
  report.note(`package.json: scripts ${missing.map(([name]) => name).join(" and ")} added.\n`);
};

const parseObject = (text: string): { readonly [key: string]: unknown } | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

const addAttributes = (folder: string, out: string, report: Report): void => {
  const file = join(folder, ".gitattributes");
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile()) {
    report.note(".gitattributes: is not a file, left as it is.\n");
    return;
  }
  const text = stat === undefined ? "" : readFileSync(file, "utf8");
  const lines = text.split(/\r?\n/);
  // Left to a merge, generated files would be a mixture that evgen takes for edited: they are made again instead.
  const wanted = [
    `${out}/** linguist-generated text eol=lf -merge`,
    `${out}/.evgen-manifest merge=union`,
    "evgen.lock text eol=lf",
  ];
  const missing = wanted.filter((line) => !lines.some((other) => other.split(/\s/)[0] === line.split(" ")[0]));
  if (missing.length === 0) {
    report.note(".gitattributes: has the output folder and the lock.\n");
    return;
  }
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  if (stat === undefined) writeFileSync(file, `${missing.join("\n")}\n`, { flag: "wx" });
  else replaceFile(file, `${start}${missing.join("\n")}\n`);
  report.note(`.gitattributes: ${stat === undefined ? "written" : "lines added"}.\n`);
};

const hook = `  - repo: local
    hooks:
      - id: evgen-build
        name: generated code is what the model says
        entry: npx --no-install evgen build --check --staged
        language: system
        pass_filenames: false
        always_run: true
      - id: evgen-check
        name: stored events stay readable
        entry: npx --no-install evgen check --staged
        language: system
        pass_filenames: false
        always_run: true
`;

/** A hook for pre-commit where the folder is the top of a repository that has no other way of running hooks. */
const addHook = (folder: string, report: Report): void => {
  if (!existsSync(join(folder, ".git"))) return;
  const file = join(folder, ".pre-commit-config.yaml");
  if (existsSync(file)) {
    if (readFileSync(file, "utf8").includes("evgen-build")) report.note(".pre-commit-config.yaml: has the hook.\n");
    else
      report.note(
        `.pre-commit-config.yaml: is there, left as it is. To check every commit, add to its repos:\n${hook}`,
      );
    return;
  }
  const other = [".husky", "lefthook.yml", "lefthook.yaml", ".lefthook.yml"].find((name) =>
    existsSync(join(folder, name)),
  );
  if (other !== undefined) {
    report.note(
      `${other}: to check every commit, let it run: npx --no-install evgen build --check --staged && npx --no-install evgen check --staged\n`,
    );
    return;
  }
  writeFileSync(file, `repos:\n${hook}`, { flag: "wx" });
  report.note(`${basename(file)}: written; pre-commit install turns it on.\n`);
};
