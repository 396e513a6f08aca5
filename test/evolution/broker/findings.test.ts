import { describe, expect, it } from "vitest";
import { compile } from "../../../src/compile.js";
import { brokerFindings } from "../../../src/evolution/broker/findings.js";
import { type Asked, judge } from "../../../src/evolution/broker/judge.js";
import type { Model } from "../../../src/model/model.js";
import { desiredState } from "../../../src/pulsar/desired.js";
import { memorySources } from "../../memory-sources.js";

const modelOf = async (...events: readonly string[]): Promise<Model> => {
  const text = `evgen: 1
system: shop
pulsar: { tenant: shop, namespace: sales }
aggregates:
  Order:
    key: { orderId: uuid }
    topic: orders
    events:
${events.map((event) => `      ${event}: { versions: { 1: { fields: { orderId: string } } } }\n`).join("")}consumers:
  Warehouse: { from: Order }
`;
  const { model, diagnostics } = await compile("model.yaml", memorySources({ "model.yaml": text }));
  if (model === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return model;
};

const definitionOf = (model: Model): string => {
  const [topic] = desiredState(model).topics;
  if (topic?.schema === undefined) throw new Error("no schema");
  return topic.schema.definition;
};

/** The findings about a model on a broker that holds the schema of another one, and answers so. */
const found = async (before: readonly string[] | string, after: readonly string[], more: Partial<Asked> = {}) => {
  const model = await modelOf(...after);
  const definition = typeof before === "string" ? before : definitionOf(await modelOf(...before));
  const asked: Asked = {
    ...{ type: "AVRO", definition: definitionOf(model), held: [{ version: 0, type: "AVRO", definition }] },
    ...{ strategy: "BACKWARD_TRANSITIVE", avro: "1.11", answered: { accepts: true } },
    ...more,
  };
  const [topic] = model.topics;
  if (topic === undefined) throw new Error("no topic");
  const { strategy, held } = asked;
  const on = { topic, url: topic.url, base: "pulsar:prod", strategy, versions: held.length, judgement: judge(asked) };
  return brokerFindings(on, model);
};

const said = async (...all: Parameters<typeof found>) =>
  (await found(...all)).map(({ rule, level, verdict, message }) => [rule, level, verdict, message]);

const topic = "persistent://shop/sales/orders";

describe("the line of a topic", () => {
  it("is good news when all three agree on it", async () => {
    expect(await said(["OrderPlaced"], ["OrderPlaced", "OrderShipped"])).toEqual([
      [
        ...["broker-compatible", "info", "safe"],
        `${topic} (1 version, BACKWARD_TRANSITIVE): predicted yes, broker yes, evgen safe.`,
      ],
    ]);
    expect((await said(["OrderPlaced"], ["OrderPlaced"]))[0]?.[3]).toContain("evgen safe; it is version 0 already.");
    expect(await said(["OrderPlaced"], ["OrderPlaced"], { held: [] })).toEqual([
      ["broker-new-topic", "info", "safe", `${topic}: the broker holds no schema of it yet, and takes any first one.`],
    ]);
  });

  it("is breaking when the broker lets through what evgen does not, with who is affected", async () => {
    const findings = await found(["OrderPlaced", "OrderShipped"], ["OrderShipped"]);
    expect(findings.map(({ rule, level, verdict, message }) => [rule, level, verdict, message])).toEqual([
      [
        ...["broker-lets-through", "error", "breaking"],
        `${topic} (1 version, BACKWARD_TRANSITIVE): predicted yes, broker yes, evgen breaking: events of version 0: data(shop.sales.OrderPlacedV1) is gone: a stored one is read as shop.sales.OrderShippedV1. Avro's own readers take it for shop.sales.OrderShippedV1, which fits, and 1 more.`,
      ],
    ]);
    expect(findings[0]).toMatchObject({
      base: { name: "pulsar:prod" },
      subject: [topic],
      affected: { consumers: ["Warehouse"] },
      related: [
        {
          message:
            "events of version 0: data(shop.sales.OrderShippedV1) is at another place in the union: a stored one is read as nothing",
        },
      ],
    });
  });

  it("is breaking when the broker refuses, with the reason that was predicted", async () => {
    const answered = { accepts: false, reason: "Unable to read schema" } as const;
    expect(await said(["OrderPlaced"], ["OrderPlaced"], { strategy: "ALWAYS_INCOMPATIBLE", answered })).toEqual([
      // It is held already, whatever the broker says to the question.
      [
        ...["broker-compatible", "info", "safe"],
        `${topic} (1 version, ALWAYS_INCOMPATIBLE): predicted yes, broker no, evgen safe; it is version 0 already.`,
      ],
      [
        ...["broker-unpredicted", "error", "unknown"],
        `${topic}: evgen PREDICTED yes AND THE BROKER SAYS no: Unable to read schema.`,
      ],
    ]);
    const held = [{ version: 4, type: "JSON", definition: definitionOf(await modelOf("OrderPlaced")) }];
    expect(await said(["OrderPlaced"], ["OrderPlaced"], { held, answered })).toEqual([
      [
        ...["broker-refuses", "error", "breaking"],
        `${topic} (1 version, BACKWARD_TRANSITIVE): predicted no, broker no, evgen safe: version 4 is of type JSON, not AVRO.`,
      ],
    ]);
  });

  it("is followed by a loud one when the prediction was wrong, in both directions", async () => {
    const answered = { accepts: false, reason: "a check of our own says no." } as const;
    expect((await said(["OrderPlaced"], ["OrderPlaced", "OrderShipped"], { answered }))[1]).toEqual([
      ...["broker-unpredicted", "error", "unknown"],
      `${topic}: evgen PREDICTED yes AND THE BROKER SAYS no: a check of our own says no.`,
    ]);
    expect(
      (await said(["OrderPlaced"], ["OrderPlaced", "OrderShipped"], { strategy: "ALWAYS_INCOMPATIBLE" }))[1],
    ).toEqual([
      ...["broker-unpredicted", "error", "unknown"],
      `${topic}: evgen PREDICTED no AND THE BROKER SAYS yes: the strategy is ALWAYS_INCOMPATIBLE, which refuses every other schema.`,
    ]);
  });

  it("is followed by what the other release of Pulsar says, when it says otherwise", async () => {
    const model = await modelOf("OrderPlaced");
    const definition = definitionOf(model).replaceAll("shop.sales", "my-shop.sales");
    expect((await said(definition, ["OrderPlaced"], { definition }))[1]).toEqual([
      ...["broker-elsewhere", "warning", "unknown"],
      `${topic}: a broker of Pulsar 4.2 answers no instead: the schema is invalid: "my-shop" in the namespace of "my-shop.sales.OrderEvent" is no name.`,
    ]);
  });

  it("has the same fingerprint for the same change, and another one for another", async () => {
    const print = async (...all: Parameters<typeof found>) => (await found(...all))[0]?.fingerprint;
    const removed = await print(["OrderPlaced", "OrderShipped"], ["OrderShipped"]);
    expect(await print(["OrderPlaced", "OrderShipped"], ["OrderShipped"])).toBe(removed);
    expect(await print(["OrderPlaced", "OrderShipped"], ["OrderPlaced"])).not.toBe(removed);
    // Refusals for different reasons are different ones.
    const answered = { accepts: false, reason: "Unable to read schema" } as const;
    const grown = [["OrderPlaced"], ["OrderPlaced", "OrderShipped"]] as const;
    const never = await print(...grown, { strategy: "ALWAYS_INCOMPATIBLE", answered });
    const forward = await print(...grown, { strategy: "FORWARD", answered });
    expect(never).toMatch(/^pulsar-[0-9a-f]{16}$/);
    expect(forward).not.toBe(never);
  });
});
