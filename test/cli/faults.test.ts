import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Workspace } from "./evgen.js";
import { modelOf, workspace } from "./evgen.js";

const faults = fileURLToPath(new URL("faults.mjs", import.meta.url));
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "evgen-faults-"));
const update = join(folder, "update-output.mjs");

beforeAll(async () => {
  const source = fileURLToPath(new URL("update-output.ts", import.meta.url));
  await build({ entryPoints: [source], outfile: update, bundle: true, platform: "node", format: "esm" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (path: string, content: string, executable = false) => ({ path, content: `${content}\n`, executable });
// One file changes, one script does, one comes with its folder, and one goes with its folder.
const old = [
  file("code/a.ts", "a"),
  file("code/b.ts", "b"),
  file("code/gone/c.ts", "c"),
  file("admin/run.sh", "run", true),
];
const next = [
  file("code/a.ts", "changed"),
  file("code/b.ts", "b"),
  file("code/new/deep/d.ts", "d"),
  file("admin/run.sh", "run more", true),
];

/** Writes `next` over `old`, with something that happens on the way. */
const disturbed = ({ path, folder }: Workspace, fault: string) => {
  rmSync(path("out"), { recursive: true, force: true });
  cpSync(path("old"), path("out"), { recursive: true });
  return run(folder, "next", ["--import", faults], { EVGEN_FAULT: fault, EVGEN_FAULT_WITHIN: path("out") });
};

const run = (cwd: string, files: string, node: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [...node, update, `${cwd}/out`, `${files}.json`], {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
  });

const prepared = () => {
  const work = workspace();
  work.write("old.json", JSON.stringify(old));
  work.write("next.json", JSON.stringify(next));
  expect(run(work.folder, "old").status).toBe(0);
  const before = work.files("out");
  cpSync(work.path("out"), work.path("old"), { recursive: true });
  const { stderr, status } = disturbed(work, "count");
  expect(status).toBe(0);
  const steps = Number(/steps: (\d+)/.exec(stderr)?.[1]);
  expect(steps).toBeGreaterThan(15);
  return { ...work, before, after: work.files("out"), steps };
};

/** Every file is an old one, a new one, or not there: never a part of one. */
const expectWholeFiles = (work: ReturnType<typeof prepared>, step: string) => {
  for (const [path, content] of work.files("out"))
    if (!path.startsWith(".evgen-") && !path.endsWith("/"))
      expect([work.before.get(path), work.after.get(path)], `${path} at ${step}`).toContain(content);
};

test.each(["kill", "half"])("killed at any step (%s), the next build knows all files as its own", (kind) => {
  const work = prepared();
  for (let step = 1; step <= work.steps; step++) {
    expect(disturbed(work, `${kind}:${step}`).signal, `step ${step}`).toBe("SIGKILL");
    expectWholeFiles(work, `step ${step}`);
    // Half of the time the user goes back to the old model before building again.
    const [files, expected] = step % 2 === 0 ? ["next", work.after] : ["old", work.before];
    expect(run(work.folder, String(files)), `step ${step}`).toMatchObject({ status: 0, stderr: "" });
    expect(work.files("out"), `step ${step}`).toEqual(expected);
  }
});

test("where any step fails, that is said with the file, and nothing is half written", () => {
  const work = prepared();
  const codes = ["ENOSPC", "EACCES", "EROFS", "EIO", "EDQUOT"];
  for (let step = 1; step <= work.steps; step++) {
    const code = codes[step % codes.length];
    const failed = disturbed(work, `${code}:${step}`);
    expect(failed, `step ${step}`).toMatchObject({ status: 3, stdout: "" });
    expect(failed.stderr).toMatch(new RegExp(`^evgen: .*/out.*\\(${code}\\)\\.$`, "m"));
    expectWholeFiles(work, `step ${step}`);
    expect(run(work.folder, "next"), `step ${step}`).toMatchObject({ status: 0, stderr: "" });
    expect(work.files("out"), `step ${step}`).toEqual(work.after);
  }
});

const before = modelOf({ OrderPlaced: "customer" }, "generate: { targets: [typescript] }\n");
const after = modelOf({ OrderPlaced: "buyer", OrderShipped: "carrier" }, "generate: { targets: [typescript] }\n");

test("the command line, killed while it writes, recovers too", () => {
  const work = workspace();
  work.write("model.yaml", before);
  work.evgen(["build"]);
  work.write("model.yaml", after);
  const env = { EVGEN_FAULT: "half:9", EVGEN_FAULT_WITHIN: work.path("generated") };
  expect(work.evgen(["build"], { node: ["--import", faults], env }).signal).toBe("SIGKILL");
  work.write("model.yaml", before);
  expect(work.evgen(["build"])).toMatchObject({ code: 0 });
  expect(work.evgen(["build", "--check", "--no-cache"])).toMatchObject({ code: 0 });
  expect(readdirSync(work.path("generated")).sort()).toEqual([".evgen-manifest", "typescript"]);
});

const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

test.runIf(canMount)("a disk that is full, and one that cannot be written", () => {
  const work = workspace();
  work.write("model.yaml", after);
  work.evgen(["build"]);
  const mounted = (mount: string) =>
    spawnSync(
      "unshare",
      ["--mount", "bash", "-c", `${mount} && "$0" "$1" build --no-cache --force`, process.execPath, main],
      {
        cwd: work.folder,
        encoding: "utf8",
      },
    );
  expect(mounted("mount -t tmpfs -o size=8k tmpfs generated")).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/generated.*no space is left on the disk \(ENOSPC\)/),
  });
  const readOnly = "mount --bind generated generated && mount -o remount,bind,ro generated";
  expect(mounted(readOnly)).toMatchObject({ status: 0 });
  expect(mounted(`echo x >> generated/typescript/order.ts && ${readOnly}`)).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/generated.*the file system is read-only \(EROFS\)/),
  });
});

test("many builds at once leave what one leaves", async () => {
  const work = workspace();
  work.write("model.yaml", before);
  work.evgen(["build"]);
  work.write("model.yaml", after);
  const codes = await Promise.all(
    Array.from({ length: 4 }, (_, i) => {
      const child = work.start(["build", ...(i % 2 === 0 ? ["--no-cache"] : [])]);
      return new Promise((resolve) => child.on("exit", resolve));
    }),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  const found = work.files("generated");
  rmSync(work.path("generated"), { recursive: true });
  work.evgen(["build", "--no-cache"]);
  expect(found).toEqual(work.files("generated"));
});

test("the lock of a process that is gone is taken over, and what it left is cleared away", () => {
  const work = prepared();
  const { pid } = spawnSync(process.execPath, ["-e", "0"]);
  for (const lock of [
    `${pid} ${hostname()} 1\n`,
    `${process.pid} ${hostname()} 1\n`.replace(/^\d+/, "999999999"),
    "",
  ]) {
    work.write("out/.evgen-lock", lock);
    work.write("out/.evgen-partial", "half of a fi");
    expect(run(work.folder, "next")).toMatchObject({ status: 0 });
    expect([...work.files("out").keys()].filter((path) => path.startsWith(".evgen-"))).toEqual([".evgen-manifest"]);
  }
});

test("a build waits for the one that is writing", async () => {
  const work = prepared();
  rmSync(work.path("out"), { recursive: true });
  cpSync(work.path("old"), work.path("out"), { recursive: true });
  const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const lock = work.path("out/.evgen-lock");
  writeFileSync(lock, `${holder.pid} ${hostname()} 1\n`);
  const waiting = spawn(process.execPath, ["--import", faults, update, work.path("out"), work.path("next.json")], {
    env: { ...process.env, EVGEN_FAULT: "say", EVGEN_FAULT_WITHIN: work.path("out") },
  });
  const exited = new Promise((resolve) => waiting.on("exit", resolve));
  // It says each step: when it has tried to make the lock file a second time, it is waiting.
  let said = "";
  await new Promise<void>((resolve) => {
    waiting.stderr.on("data", (data) => {
      said += data;
      if (said.split("lock").length > 3) resolve();
    });
  });
  expect(readFileSync(work.path("out/code/a.ts"), "utf8")).toBe("a\n");
  expect(existsSync(work.path("out/code/new"))).toBe(false);
  holder.kill("SIGKILL");
  expect(await exited).toBe(0);
  expect(work.files("out")).toEqual(work.after);
});
