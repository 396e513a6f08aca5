import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/model/model.js";
import { pascalCase } from "../../../src/model/names.js";
import type { Claim } from "../../../src/passes/resolve/claims.js";
import { createContext } from "../../../src/passes/resolve/context.js";
import { claimNames } from "../../../src/passes/resolve/generated-names.js";
import * as runtime from "../../../src/runtime/index.js";
import { exportedNames } from "../../../src/targets/typescript/names.js";
import { biomeErrors, folderOf, generate, modelOf, textOf, typeErrors } from "./generated.js";

/** Everything that generated code takes from elsewhere, or calls its parameters, as the name of an element. */
const names = [
  ...new Set([
    ...Object.keys(runtime).map(pascalCase),
    ...[...textOf("src/runtime/definitions.ts").matchAll(/^export (?:type|interface) (\w+)/gm)].map(
      (one) => one[1] ?? "",
    ),
    ..."Client Options Data Event Functions Store Row Source Value Item V1 SchemaV1 Pick Extract Omit Math BigInt".split(
      " ",
    ),
    ..."Consumer ConsumerClient ConsumerOptions EmitOptions Producer ProducerClient ProducerOptions MessageId".split(
      " ",
    ),
    ..."NoFunctions ProjectionOptions ProjectionStore Type Key Index2 Types2 Self Globals Require Module Exports".split(
      " ",
    ),
  ]),
].filter((name) => !["Close", "Name"].includes(name));

const event = (at: number): string => `
        versions:
          1: { fields: { total: { type: double, min: 0, max: 1000 }, at: long, text: string, maps: map<Point>, text2?: string, code: { enum: ["a", "b"] }, size: { enum: [toString, constructor] } } }
          2:
            fields: { total: "decimal(12, 2)", at: timestamp, text: int, maps: map<string>, data: "map<string>", text2: string, code: { enum: [c, d] }, size: { enum: [toString, constructor, other] }, own: string, from: long }
            upcast:
              total: { from: $total, as: decimal }
              at: { from: $at, parse: timestamp, unit: seconds, otherwise: "2020-01-01T00:00:00Z" }
              text: { from: $text, parse: int, otherwise: ${at} }
              maps: { each: $maps, with: $x }
              data: { each: $maps, with: { template: "{x} {x}" } }
              text2: { from: $text2?, otherwise: x }
              code: { from: $code, map: { a: c, b: d } }
              size: { from: $text, map: { toString: toString, constructor: constructor, x: other }, otherwise: other }
              own: { by: own${at} }
              from: { by: from${at} }`;

const yaml = `
evgen: 1
system: names
types:
  Point: { fields: { x: string } }
aggregates:
  Order:
    key: { client: uuid }
    events:${names.map((name, at) => `\n      ${name}:${event(at)}`).join("")}
  Math2: { key: { options: string }, events: { Math2Done: { versions: { 1: { fields: { a: string } } } } } }
consumers:
  Undo: { from: Order, events: [Pick, Extract, Event] }
  RuntimeEvent: { from: [Order, Math2] }
projections:
  Row2:
    from: Order
    store: memory
    fields: { event: string, row: int, functions: string }
    on:
${names.map((name, at) => `      ${name}: ${at === 0 ? "{ by: functions }" : at === 1 ? "{ by: row }" : `{ set: { event: $text2, row: $text, functions: { by: event${at} } } }`}`).join("\n")}
`;

it("lets a model use the names that generated code uses itself", async () => {
  const files = await generate(await modelOf(yaml));
  expect(await typeErrors(folderOf(files))).toEqual([]);
  expect(await biomeErrors(files)).toEqual([]);
});

const claimsOf = (model: Model): { readonly [scope: string]: ReadonlySet<string> } => {
  const claims: { [scope: string]: Set<string> } = {};
  const claim: Claim = (scope, name) => {
    claims[scope] = (claims[scope] ?? new Set()).add(name);
  };
  claimNames(model, claim, createContext(model.long));
  return claims;
};

describe.each([
  ["names that are used already", yaml, {}],
  ["the example", textOf("model.example.yaml"), {}],
  ["every type", textOf("test/targets/typescript/every-type.yaml"), {}],
  ["functions", textOf("test/golden/typescript-functions/model.yaml"), {}],
  ["retired events", textOf("test/golden/typescript-retired/model.yaml"), {}],
  ["operators", textOf("test/golden/mapping-operators/model.yaml"), {}],
])("what is generated for %s", async (_, text) => {
  const model = await modelOf(text);
  const files = await generate(model);
  const claims = claimsOf(model);

  it("exports what its names say, each name once", () => {
    const made = [...files]
      .filter(([path]) => !path.endsWith(".validate.ts"))
      .flatMap(([, file]) => [...file.matchAll(/^export (?:const|type|interface) (\w+)/gm)].map((one) => one[1] ?? ""));
    expect(made.filter((name, at) => made.indexOf(name) !== at)).toEqual([]);
    const possible = new Set(exportedNames(model));
    expect(made.filter((name) => !possible.has(name))).toEqual([]);
    // Schemas are only there where something refers to them.
    expect([...possible].filter((name) => !made.includes(name) && !name.endsWith("Schema"))).toEqual([]);
  });

  it("has no name that was not looked at when the model was resolved", () => {
    const declarations = claims["declaration in TypeScript"] ?? new Set();
    expect(exportedNames(model).filter((name) => !declarations.has(name))).toEqual([]);
    const exported = new Set(exportedNames(model));
    const later = new Set(
      model.aggregates.flatMap(({ commands, state }) => [...commands.map((one) => one.name), state?.name ?? ""]),
    );
    const idle = [...declarations].filter(
      (name) => !exported.has(name) && !later.has(name as never) && !name.endsWith("Functions"),
    );
    expect(idle.filter((name) => !name.endsWith("Schema"))).toEqual([]);
    const named = claims["file"] ?? new Set();
    const paths = [...files.keys()].filter((path) => !path.endsWith(".validate.ts"));
    expect(paths.filter((path) => !named.has(`typescript/${path}`))).toEqual([]);
  });
});
