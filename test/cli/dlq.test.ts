import { expect, test } from "vitest";
import { modelOf, workspace } from "./evgen.js";

const at = ["--admin-url", "http://127.0.0.1:1"];
const reader = `consumers:
  Warehouse: { from: Order, events: [OrderPlaced] }
`;

test("what cannot be meant is wrong use, before any broker is asked", () => {
  const { evgen, write } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "note" }, reader));
  const wrong = (...args: readonly string[]) => {
    const run = evgen(["dlq", ...args]);
    expect([run.code, run.stdout], args.join(" ")).toEqual([2, ""]);
    return run.stderr;
  };
  expect(wrong("list", "Nobody", ...at)).toBe(
    'evgen: The model has no projection or consumer "Nobody". It has Warehouse.\n',
  );
  expect(wrong("list")).toContain("Which broker? Say --admin-url http://host:8080");
  expect(wrong("list", ...at, "--env", "prod")).toContain('no environment "prod"');
  expect(wrong("list", ...at, "--service-url", "http://x")).toBe(
    "evgen: http://x is no URL of a WebSocket API: it is like ws://host:8080 or wss://host:8443.\n",
  );
  expect(wrong("show", "Warehouse", ...at)).toContain("Which events? Say --key <key> or --event <id>");
  expect(wrong("show", "Warehouse", "--key", "k", "--limit", "0", ...at)).toContain(
    "--limit 0 is no number from 1 on.",
  );
  expect(wrong("redrive", "Warehouse", ...at)).toContain("Which events? Say --key <key>, --event <id>, or --all.");
  expect(wrong("redrive", "Warehouse", "--all", "--key", "k", ...at)).toContain("cannot be used with");
  for (const time of ["soon", "0s", "25h", "1.5m"])
    expect(wrong("redrive", "Warehouse", "--all", "--wait", time, ...at)).toContain(`--wait ${time} is no time`);
  expect(wrong("redrive", "--all")).toContain("missing required argument 'reader'");
});

test("mistakes in the model and a broker that is not there are no findings about events", () => {
  const { evgen, write } = workspace();
  write("model.yaml", modelOf({ OrderPlaced: "note" }, reader));
  expect(evgen(["dlq", "list", ...at])).toMatchObject({
    code: 3,
    stdout: "",
    stderr: expect.stringContaining("nothing listens there (ECONNREFUSED)."),
  });
  write("model.yaml", modelOf({ OrderPlaced: "note" }, reader.replace("from: Order", "from: Ordre")));
  expect(evgen(["dlq", "list", ...at])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("unknown-name"),
  });
});
