import { describe, expect, it } from "vitest";
import { type Workspace, workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";

const broker = useBroker();

let count = 0;

/** Two events that are alike, and what else there is. */
const model = (tenant: string, events: readonly string[], encoding = "avro", more = ""): string => `evgen: 1
system: shop
pulsar: { tenant: ${tenant}, namespace: sales, encoding: ${encoding} }
${more}aggregates:
  Order:
    key: { orderId: uuid }
    topic: { name: orders, partitions: 2 }
    events:
${events.map((event) => `      ${event}: { versions: { 1: { fields: { orderId: string } } } }\n`).join("")}consumers:
  Warehouse: { from: Order }
`;

interface Shop {
  readonly work: Workspace;
  readonly tenant: string;
  readonly check: (...args: readonly string[]) => ReturnType<Workspace["evgen"]>;
  readonly versions: () => Promise<number>;
}

/** A tenant of its own on the broker, provisioned for a model. */
const shop = (events: readonly string[], encoding = "avro"): Shop => {
  const tenant = `check-${process.pid}-${++count}`;
  const work = workspace();
  const env = { PULSAR_ADMIN_URL: broker.adminUrl };
  work.write("model.yaml", model(tenant, events, encoding));
  const applied = work.evgen(["apply"], { env });
  expect(applied, applied.stdout + applied.stderr).toMatchObject({ code: 0 });
  return {
    work,
    tenant,
    check: (...args) => work.evgen(["check", "--against", "pulsar", ...args], { env }),
    versions: async () => {
      const held = (await broker.rest("GET", `schemas/${tenant}/sales/orders/schemas`)) as {
        readonly getSchemaResponses: readonly unknown[];
      };
      return held.getSchemaResponses.length;
    },
  };
};

const bothEvents = ["OrderPlaced", "OrderShipped"];

describe.each(["avro", "json"])("evgen check --against pulsar, encoding %s", (encoding) => {
  it("says of a topic what is predicted, what the broker says and what evgen says, and registers nothing", async () => {
    const { work, tenant, check, versions } = shop(bothEvents, encoding);
    const topic = `persistent://${tenant}/sales/orders`;
    const same = check();
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toContain("info  broker-compatible");
    expect(same.stdout).toContain(
      `${topic} (1 version, BACKWARD_TRANSITIVE): predicted yes, broker yes, evgen safe; it is version 0 already.`,
    );

    work.write("model.yaml", model(tenant, [...bothEvents, "OrderCancelled"], encoding));
    const grown = check();
    expect(grown).toMatchObject({ code: 0 });
    expect(grown.stdout).toContain("(1 version, BACKWARD_TRANSITIVE): predicted yes, broker yes, evgen safe.");
    expect(await versions()).toBe(1);
  });

  it("calls breaking what the broker lets through: a branch is gone that another one is alike", () => {
    const { work, tenant, check } = shop(bothEvents, encoding);
    work.write("model.yaml", model(tenant, ["OrderShipped"], encoding));
    const { code, stdout } = check();
    expect(code).toBe(1);
    expect(stdout).toContain("error  broker-lets-through");
    expect(stdout).toContain("predicted yes, broker yes, evgen breaking: events of version 0: ");
    expect(stdout).toContain(`data(${tenant}.sales.OrderPlacedV1) is gone`.replaceAll("-", "_"));
    expect(stdout).toContain("OrderShippedV1, which fits");
    expect(stdout).toContain("base: pulsar");
  });

  it("says why the broker refuses, as it was predicted", async () => {
    const { work, tenant, check } = shop(bothEvents, encoding);
    await broker.rest("PUT", `namespaces/${tenant}/sales/schemaCompatibilityStrategy`, "FULL");
    work.write(
      "model.yaml",
      model(tenant, [...bothEvents, "OrderPaid"], encoding).replace(
        "{ orderId: string } } } }\nconsumers",
        "{ orderId: string, amount: long } } } }\nconsumers",
      ),
    );
    await expect.poll(() => check().stdout).toContain("FULL");
    const full = check();
    work.write("model.yaml", model(tenant, [...bothEvents], encoding).replace("orderId: string", "orderId: long"));
    const { code, stdout } = check();
    expect(code).toBe(1);
    expect(stdout).toContain("error  broker-refuses");
    expect(stdout).toContain("(1 version, FULL): predicted no, broker no, evgen breaking: ");
    expect(stdout).not.toContain("broker-unpredicted");
    // A new event without a field that an old one lacks is read as that by old readers, even under FULL.
    expect(full.stdout).not.toContain("broker-unpredicted");
  });
});

describe("evgen check --against pulsar", () => {
  it("goes by the broker's own strategy where nobody has said one", async () => {
    const { tenant, check } = shop(bothEvents);
    await broker.rest("PUT", `namespaces/${tenant}/sales/schemaCompatibilityStrategy`, "UNDEFINED");
    await expect.poll(() => check().stdout).toContain("(1 version, FULL): predicted yes, broker yes, evgen safe");
  });

  it("says that a topic is new to the broker", () => {
    const work = workspace();
    work.write("model.yaml", model(`check-${process.pid}-none`, bothEvents));
    const checked = work.evgen(["check", "--against", `pulsar:${broker.adminUrl}`]);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).toContain("the broker holds no schema of it yet");
  });

  it("predicts the answer to another type than that of what is held", async () => {
    const { work, tenant, check } = shop(bothEvents);
    work.write("model.yaml", model(tenant, bothEvents, "json"));
    const { code, stdout } = check();
    expect(code).toBe(1);
    expect(stdout).toContain("predicted no, broker no");
    expect(stdout).toContain("version 0 is of type AVRO, not JSON");
  });

  it("finds the broker of an environment, and prints for machines", () => {
    const { work, tenant } = shop(bothEvents);
    const environments = `environments:\n  prod: { adminUrl: "${broker.adminUrl}" }\n`;
    work.write("model.yaml", model(tenant, ["OrderShipped"], "avro", environments));
    const checked = work.evgen(["check", "--against", "pulsar:prod", "--format", "json"]);
    expect(checked.code).toBe(1);
    const { models } = JSON.parse(checked.stdout) as {
      readonly models: readonly {
        readonly findings: readonly { readonly rule: string; readonly fingerprint: string }[];
      }[];
    };
    expect(models[0]?.findings.map(({ rule }) => rule)).toEqual(["broker-lets-through"]);
    expect(models[0]?.findings[0]?.fingerprint).toMatch(/^pulsar-[0-9a-f]{16}$/);
    expect(work.evgen(["check", "--against", "pulsar:prodd"])).toMatchObject({ code: 2 });
  });

  it("fails with 3 where there is no broker, and with 2 where none is named", () => {
    const work = workspace();
    work.write("model.yaml", model("nobody", bothEvents));
    const away = work.evgen(["check", "--against", "pulsar:http://127.0.0.1:1"]);
    expect(away).toMatchObject({ code: 3 });
    expect(away.stderr).toContain("127.0.0.1:1");
    expect(work.evgen(["check", "--against", "pulsar"])).toMatchObject({ code: 2 });
    expect(work.evgen(["check", "--admin-url", "http://127.0.0.1:1"])).toMatchObject({ code: 2 });
  });
});
