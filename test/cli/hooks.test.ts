import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { modelOf } from "./evgen.js";
import { repository as plainRepository } from "./repository.js";

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly pass_filenames: boolean;
}

const hooks = parse(
  readFileSync(fileURLToPath(new URL("../../.pre-commit-hooks.yaml", import.meta.url)), "utf8"),
) as readonly Hook[];

const targets = "generate: { targets: [schemas] }\n";

/** A repository, and each hook as pre-commit would call it: its entry, and no file names. */
const repository = () => {
  const work = plainRepository();
  const hook = (id: string, env: Record<string, string> = {}) => {
    const { entry, pass_filenames } = hooks.find((one) => one.id === id) ?? expect.unreachable(id);
    expect(pass_filenames).toBe(false);
    const [command, ...args] = entry.split(" ");
    expect(command).toBe("evgen");
    return work.evgen(args, { env });
  };
  return { ...work, hook };
};

test("a release that is edited is stopped before the commit, whatever lies in the folder", () => {
  const work = repository();
  work.write("model.yaml", modelOf({ OrderPlaced: "customer" }, targets));
  expect(work.evgen(["build"])).toMatchObject({ code: 0 });
  expect(work.evgen(["release"])).toMatchObject({ code: 0 });
  work.git("add", ".");
  expect(work.hook("evgen-build")).toMatchObject({ code: 0 });
  expect(work.hook("evgen-check")).toMatchObject({ code: 0 });

  work.write("model.yaml", modelOf({ OrderPlaced: "buyer" }, targets));
  expect(work.hook("evgen-check"), "nothing of it is staged").toMatchObject({ code: 0 });
  work.git("add", "model.yaml");
  work.write("model.yaml", modelOf({ OrderPlaced: "customer" }, targets));
  const stopped = work.hook("evgen-check", { GIT_DIR: "/nowhere", GIT_WORK_TREE: "/nowhere" });
  expect(stopped.code).toBe(1);
  expect(stopped.stdout + stopped.stderr).toContain("verdict: breaking");
  expect(stopped.stdout + stopped.stderr).toContain("model.yaml:7:");
});

test("a model that has released nothing yet passes", () => {
  const work = repository();
  work.write("model.yaml", modelOf({ OrderPlaced: "customer" }, targets));
  work.git("add", ".");
  expect(work.hook("evgen-check")).toMatchObject({ code: 0 });
});
