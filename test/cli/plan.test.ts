import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const at = ["--admin-url", "http://127.0.0.1:1"];

test("an environment takes only what is released, as it was released", () => {
  const { evgen, write } = workspace();
  const environments = "environments:\n  dev: { drafts: true }\n  prod: { adminUrl: 'http://127.0.0.1:1' }\n";
  const model = modelOf({ OrderPlaced: "note" }, environments);
  write("model.yaml", model);
  expect(evgen(["plan", "--env", "prod"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining(
      "provision-unreleased  Nothing of this model has been released, and the environment prod",
    ),
  });
  expect(evgen(["release"]).code).toBe(0);
  // Only the broker is missing now.
  expect(evgen(["plan", "--env", "prod"])).toMatchObject({ code: 3 });
  write("model.yaml", model.replace("note: string", "note: int"));
  expect(evgen(["apply", "--env", "prod"])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/provision-edited {2}OrderPlacedV1 was released, and is no longer what it was\./),
  });
  expect(evgen(["plan", "--env", "dev", ...at]).code).toBe(3);
});

test("what cannot be meant is wrong use, before any broker is asked", () => {
  const { evgen, write } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "note" }));
  const wrong = (...args: readonly string[]) => {
    const run = evgen(["plan", ...args]);
    expect([run.code, run.stdout], args.join(" ")).toEqual([2, ""]);
    return run.stderr;
  };
  expect(wrong()).toContain("Which broker? Say --admin-url");
  expect(wrong(...at, "--env", "prod")).toContain('no environment "prod". It has none.');
  expect(wrong(...at, "--allow", "grow-partitions")).toContain(
    "--allow grow-partitions allows nothing. It takes grow-",
  );
  expect(wrong("--admin-url", "pulsar://host:6650")).toContain("is no admin URL");
  write("model.yaml", modelOf({ OrderPlaced: "note" }, "environments: { dev: { drafts: true }, prod: {} }\n"));
  expect(wrong()).toContain("Which environment? --env dev, --env prod");
  expect(wrong("--env", "dev")).toContain("The environment dev has no adminUrl.");
});

test("a token that is not there is said by its name, and a file of the model's folder is found from anywhere", () => {
  const { evgen, write } = workspace();
  const environments = `environments:
  env: { adminUrl: "http://127.0.0.1:1", token: { env: SHOP_TOKEN }, drafts: true }
  file: { adminUrl: "http://127.0.0.1:1", namespace: other, token: { file: secret/token }, drafts: true }
`;
  write("shop/model.yaml", modelOf({ OrderPlaced: "note" }, environments));
  expect(evgen(["plan", "shop", "--env", "env"])).toMatchObject({
    code: 3,
    stderr: "evgen: The variable SHOP_TOKEN, which holds the token, is not set.\n",
  });
  expect(evgen(["plan", "shop", "--env", "file"]).stderr).toMatch(
    /shop\/secret\/token: there is no such file or folder/,
  );
  write("shop/secret/token", "abc");
  expect(evgen(["plan", "shop", "--env", "file"]).stderr).toContain("nothing listens there");
  expect(evgen(["plan", "shop", "--env", "env", "--token-file", "shop/secret/token"]).stderr).toContain(
    "nothing listens",
  );
});
