#!/usr/bin/env node
/**
 * Writes one made-up model of N events × 2 versions in the languages of evgen and of the peers it is measured against.
 * The same arguments give the same bytes; event i does not depend on N.
 *
 *   node bench/corpus.mjs --n 1000 --out /tmp/corpus [--formats evgen,jsonschema,proto]
 *
 * Version 1 has 8 required fields: a uuid, 2 strings, an int, an enum, a nested record of 4, an array, a timestamp.
 * Version 2 adds an optional string, an optional string in the nested record, and an enum value.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "10" },
    out: { type: "string", default: "corpus" },
    formats: { type: "string", default: "evgen,jsonschema,proto" },
  },
});
const N = Number(options.n);
const PER_AGGREGATE = 10;

const NOUNS = "Order Payment Shipment Invoice Customer Product Cart Refund Ticket Account".split(" ");
const VERBS = "Created Updated Approved Rejected Shipped Cancelled Assigned Closed Reopened Archived".split(" ");
const STRINGS = "title reference label channel region source locale comment category owner".split(" ");
const INTS = "quantity revision priority amountCents durationMs attempts position weightGrams".split(" ");
const ENUMS = "status stage severity tier mode phase".split(" ");
const RECORDS = "address contact location origin destination billing".split(" ");
const INNER = "street city postalCode phone email building department contactName".split(" ");
const ARRAYS = "tags items lines attachments labels notes".split(" ");
const DATES = "occurredAt createdAt effectiveAt completedAt scheduledAt".split(" ");
const ADDED = "currency campaign tenant traceGroup language".split(" ");
const SYMBOLS = "PENDING ACTIVE BLOCKED DONE FAILED PARTIAL UNKNOWN_STATE DEFERRED".split(" ");

const aggregates = [];
for (let i = 0; i < N; i++) {
  if (i % PER_AGGREGATE === 0) {
    const k = i / PER_AGGREGATE;
    aggregates.push({ name: `${NOUNS[k % NOUNS.length]}Stream${String(k + 1).padStart(4, "0")}`, events: [] });
  }
  aggregates.at(-1).events.push(event(i));
}

const emitters = { evgen, jsonschema, proto };
for (const format of options.formats.split(",")) {
  rmSync(join(options.out, format), { recursive: true, force: true });
  emitters[format]();
}

function event(i) {
  const random = mulberry32(0x9e3779b1 + i * 0x85ebca6b);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const some = (list, count) => {
    const pool = [...list];
    return Array.from({ length: count }, () => pool.splice(Math.floor(random() * pool.length), 1)[0]);
  };
  const noun = NOUNS[i % NOUNS.length];
  const [first, second] = some(STRINGS, 2);
  return {
    name: `${noun}${VERBS[Math.floor(i / 10) % VERBS.length]}${String(i + 1).padStart(4, "0")}`,
    id: `${noun.toLowerCase()}Id`,
    first,
    second,
    int: pick(INTS),
    enumName: pick(ENUMS),
    symbols: some(SYMBOLS, 4 + Math.floor(random() * 3)),
    record: pick(RECORDS),
    inner: some(INNER, 4),
    array: pick(ARRAYS),
    ofRecords: i % 2 === 1,
    date: pick(DATES),
    added: pick(ADDED),
  };
}

function evgen() {
  emit(
    "evgen/model.yaml",
    "evgen: 1\nsystem: corpus\ninclude: [aggregates/*.yaml]\npulsar: { tenant: corpus, namespace: events }\n",
  );
  for (const a of aggregates) {
    const lines = ["aggregates:", `  ${a.name}:`, "    key: { id: uuid }", "    events:"];
    for (const e of a.events) {
      const inner = e.inner.slice(0, 3).map((name) => `${name}: string`);
      const record = (extra) => `{ fields: { ${[...inner, "floor: int", ...extra].join(", ")} } }`;
      lines.push(
        `      ${e.name}:`,
        "        versions:",
        "          1:",
        "            fields:",
        `              ${e.id}: uuid`,
        `              ${e.first}: string`,
        `              ${e.second}: string`,
        `              ${e.int}: int`,
        `              ${e.enumName}: { enum: [${e.symbols.slice(0, -1).join(", ")}] }`,
        `              ${e.record}: ${record([])}`,
        `              ${e.array}: ${e.ofRecords ? "Entry[]" : "string[]"}`,
        `              ${e.date}: timestamp`,
        "          2:",
        "            like: 1",
        "            fields:",
        `              ${e.enumName}: { enum: [${e.symbols.join(", ")}] }`,
        `              ${e.record}: ${record([`${e.inner[3]}?: string`])}`,
        `              ${e.added}?: string`,
        "            upcast: {}",
      );
    }
    emit(`evgen/aggregates/${a.name}.yaml`, `${lines.join("\n")}\n`);
  }
  emit("evgen/aggregates/Entry.yaml", "types:\n  Entry:\n    fields: { sku: string, count: int }\n");
}

function jsonschema() {
  const string = { type: "string" };
  const int = { type: "integer", minimum: -2147483648, maximum: 2147483647 };
  const object = (title, properties, optional = {}) => ({
    title,
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  });
  for (const e of aggregates.flatMap((a) => a.events)) {
    for (const v of [1, 2]) {
      const name = `${e.name}V${v}`;
      const inner = Object.fromEntries(e.inner.slice(0, 3).map((field) => [field, string]));
      const entry = object(`${name}Entry`, { sku: string, count: int });
      const schema = object(
        name,
        {
          [e.id]: { type: "string", format: "uuid" },
          [e.first]: string,
          [e.second]: string,
          [e.int]: int,
          [e.enumName]: { type: "string", enum: v === 1 ? e.symbols.slice(0, -1) : e.symbols },
          [e.record]: object(`${name}Record`, { ...inner, floor: int }, v === 1 ? {} : { [e.inner[3]]: string }),
          [e.array]: { type: "array", items: e.ofRecords ? entry : string },
          [e.date]: { type: "string", format: "date-time" },
        },
        v === 1 ? {} : { [e.added]: string },
      );
      const draft = "http://json-schema.org/draft-07/schema#";
      emit(`jsonschema/${name}.json`, JSON.stringify({ $schema: draft, ...schema }, null, 2));
    }
  }
}

function proto() {
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  for (const a of aggregates) {
    const slug = a.name.toLowerCase();
    for (const e of a.events) {
      for (const v of [1, 2]) {
        const symbols = v === 1 ? e.symbols.slice(0, -1) : e.symbols;
        const inner = v === 1 ? e.inner.slice(0, 3) : e.inner;
        const values = ["UNSPECIFIED", ...symbols].map((s, i) => `    ${e.enumName.toUpperCase()}_${s} = ${i};`);
        const fields = [
          `string ${snake(e.id)}`,
          `string ${e.first}`,
          `string ${e.second}`,
          `int32 ${snake(e.int)}`,
          `Kind ${e.enumName}`,
          `Record ${e.record}`,
          `repeated ${e.ofRecords ? "Entry" : "string"} ${e.array}`,
          `google.protobuf.Timestamp ${snake(e.date)}`,
          ...(v === 1 ? [] : [`optional string ${snake(e.added)}`]),
        ];
        const numbered = (list, indent) => list.map((field, i) => `${indent}${field} = ${i + 1};`);
        const record = ["string", "string", "string"].map((type, i) => `${type} ${snake(inner[i])}`);
        record.push("int32 floor", ...(v === 1 ? [] : [`optional string ${snake(inner[3])}`]));
        emit(
          `proto/corpus/${slug}/v${v}/${snake(e.name).slice(1)}.proto`,
          [
            'syntax = "proto3";',
            `package corpus.${slug}.v${v};`,
            'import "google/protobuf/timestamp.proto";',
            `message ${e.name} {`,
            "  enum Kind {",
            ...values,
            "  }",
            "  message Record {",
            ...numbered(record, "    "),
            "  }",
            "  message Entry {",
            "    string sku = 1;",
            "    int32 count = 2;",
            "  }",
            ...numbered(fields, "  "),
            "}",
            "",
          ].join("\n"),
        );
      }
    }
  }
  emit("proto/buf.yaml", "version: v2\n");
}

function emit(path, text) {
  const full = join(options.out, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

/** A small deterministic generator of numbers in [0, 1). */
function mulberry32(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
