/**
 * Changes of a schema, each tried on a real broker under every strategy and as AVRO and JSON. Add one at the end of its
 * group, then record what the brokers answer to it (test/services/broker-compatibility.test.ts says how).
 */
export interface Change {
  readonly name: string;
  /** What the broker holds, oldest first. A text is a definition as it stands, anything else is written as JSON. */
  readonly held: readonly unknown[];
  readonly next: unknown;
}

const change = (name: string, before: unknown, next: unknown): Change => ({ name, held: [before], next });

const history = (name: string, held: readonly unknown[], next: unknown): Change => ({ name, held, next });

const record = (name: string, fields: readonly unknown[], more: object = {}): object => ({
  type: "record",
  name,
  ...more,
  fields,
});

/** A record `t.E` with an id and some fields. */
const event = (...fields: readonly unknown[]): object =>
  record("E", [{ name: "id", type: "string" }, ...fields], { namespace: "t" });

const field = (name: string, type: unknown, more: object = {}): object => ({ name, type, ...more });

const x = (type: unknown, more: object = {}): object => event(field("x", type, more));

/** The change of one field's type, where the base has another type. */
const retyped = (name: string, before: unknown, after: unknown): Change => change(name, x(before), x(after));

const colour = (symbols: readonly string[], more: object = {}): object => ({
  type: "enum",
  name: "Colour",
  symbols,
  ...more,
});
const hash = (size: number, more: object = {}): object => ({ type: "fixed", name: "Hash", size, ...more });
const money = (...fields: readonly unknown[]): object => record("Money", [{ name: "amount", type: "long" }, ...fields]);
const currency = field("currency", "string");
const decimal = (precision: number, scale: number): object => ({
  type: "bytes",
  logicalType: "decimal",
  precision,
  scale,
});
const logical = (type: string, logicalType: string): object => ({ type, logicalType });

const placed = (...fields: readonly unknown[]): object =>
  record("OrderPlacedV1", [field("orderId", "string"), ...fields]);
const placedAgain = record("OrderPlacedV2", [field("orderId", "string"), field("total", "long")]);
const shipped = record("OrderShippedV1", [field("orderId", "string")]);
const paid = record("PaymentReceivedV1", [field("orderId", "string"), field("amount", "long")]);
/** evgen's envelope. */
const envelope = (...branches: readonly unknown[]): object =>
  record(
    "OrderEvent",
    [
      field("id", { type: "string", logicalType: "uuid" }),
      field("type", "string"),
      field("version", "int"),
      field("aggregateId", "string"),
      field("sequence", ["null", "long"], { default: null }),
      field("time", logical("long", "timestamp-millis")),
      field("correlationId", ["null", "string"], { default: null }),
      field("causationId", ["null", "string"], { default: null }),
      field("metadata", { type: "map", values: "string" }, { default: {} }),
      field("data", branches),
    ],
    { namespace: "shop.sales" },
  );

const node = (...fields: readonly unknown[]): object =>
  record("Node", [field("value", "int"), field("next", ["null", "Node"], { default: null }), ...fields], {
    namespace: "t",
  });

const jackson = (properties: object, more: object = {}): object => ({ type: "object", ...more, properties });

export const changes: readonly Change[] = [
  // Fields
  change("a field with a default is added", event(), x("int", { default: 0 })),
  change("a field without a default is added", event(), x("int")),
  change("a nullable field without a default is added", event(), x(["null", "int"])),
  change("a nullable field with the default null is added", event(), x(["null", "int"], { default: null })),
  change("a field with a default is removed", x("int", { default: 0 }), event()),
  change("a field without a default is removed", x("int"), event()),
  change("a field gets a default", x("int"), x("int", { default: 1 })),
  change("a field loses its default", x("int", { default: 1 }), x("int")),
  change("the default of a field changes", x("int", { default: 1 }), x("int", { default: 2 })),
  change("a default is written with a fraction", x("double", { default: 1 }), x("double", { default: 1.5 })),
  change(
    "a default of 1 becomes 1.0",
    x("double", { default: 1 }),
    JSON.stringify(x("double", { default: 1 })).replace('"default":1', '"default":1.0'),
  ),
  change("a default of a double is a text", event(), x("double", { default: "NaN" })),
  change(
    "fields change places",
    event(field("a", "int"), field("b", "string")),
    event(field("b", "string"), field("a", "int")),
  ),
  change("a field is renamed", x("int"), event(field("y", "int"))),
  change("a field is renamed with an alias", x("int"), event(field("y", "int", { aliases: ["x"] }))),
  change(
    "a field is renamed, with an alias and a default",
    x("int"),
    event(field("y", "int", { aliases: ["x"], default: 0 })),
  ),
  change("an alias of another field", x("int"), event(field("x", "int"), field("y", "int", { aliases: ["x"] }))),
  change(
    "aliases give two fields one name",
    event(field("a", "int"), field("b", "int")),
    event(field("b", "int", { aliases: ["a"] })),
  ),
  change("an alias in the old schema only", event(field("y", "int", { aliases: ["x"] })), x("int")),
  change("the sort order of a field changes", x("int"), x("int", { order: "descending" })),
  change("a field gets a foreign property", x("int"), x("int", { pii: true })),
  change("all fields are removed", x("int"), record("E", [], { namespace: "t" })),

  // What does not count
  change("the same again", x("int"), x("int")),
  change("only white space changes", x("int"), JSON.stringify(x("int"), undefined, 4)),
  change(
    "only descriptions change",
    x("int", { doc: "old" }),
    record("E", [field("id", "string"), field("x", "int", { doc: "new" })], { namespace: "t", doc: "An event." }),
  ),
  change("only keys change places", x("int"), {
    namespace: "t",
    name: "E",
    fields: [field("id", "string"), { type: "int", name: "x" }],
    type: "record",
  }),
  change("a full name instead of a namespace", x("int"), record("t.E", [field("id", "string"), field("x", "int")])),
  change("a primitive as an object", x("int"), x({ type: "int" })),
  change(
    "an alias is added to the record",
    x("int"),
    record("E", [field("id", "string"), field("x", "int")], { namespace: "t", aliases: ["Old"] }),
  ),
  change("a comment", x("int"), `/* by hand */ ${JSON.stringify(x("int"))}`),
  change("a comment after the end", x("int"), `${JSON.stringify(x("int"))} // the end`),
  history("back to a version before the latest", [x("int"), x("int", { default: 5 })], x("int")),
  history("back to the first, which the latest cannot read", [x("int"), x("string")], x("int")),

  // Promotions
  retyped("int becomes long", "int", "long"),
  retyped("long becomes int", "long", "int"),
  retyped("int becomes float", "int", "float"),
  retyped("int becomes double", "int", "double"),
  retyped("long becomes float", "long", "float"),
  retyped("long becomes double", "long", "double"),
  retyped("float becomes double", "float", "double"),
  retyped("double becomes float", "double", "float"),
  retyped("float becomes int", "float", "int"),
  retyped("string becomes bytes", "string", "bytes"),
  retyped("bytes become string", "bytes", "string"),
  retyped("int becomes string", "int", "string"),
  retyped("boolean becomes int", "boolean", "int"),
  retyped("null becomes int", "null", "int"),

  // Unions
  retyped("a type becomes nullable", "int", ["null", "int"]),
  change("a type becomes nullable with a default", x("int"), x(["null", "int"], { default: null })),
  retyped("a nullable type is required", ["null", "int"], "int"),
  retyped("a branch is added", ["null", "int"], ["null", "int", "string"]),
  retyped("a branch is removed", ["null", "int", "string"], ["null", "int"]),
  retyped("null is added to a union", ["int", "string"], ["null", "int", "string"]),
  retyped("branches change places", ["null", "int"], ["int", "null"]),
  retyped("a branch is promoted", ["null", "int"], ["null", "long"]),
  retyped("a branch is narrowed", ["null", "long"], ["null", "int"]),
  retyped("int is read by a double beside a string", "int", ["string", "double"]),
  retyped("string is read by bytes of a union", "string", ["null", "bytes"]),
  retyped("a union of one becomes its type", ["int"], "int"),
  change("the default is of the second branch", event(), x(["string", "null"], { default: null })),
  change("the default is of the third branch", event(), x(["null", "string", "int"], { default: 7 })),
  history(
    "the default is of the second branch, and held already",
    [event(), x(["string", "null"], { default: null })],
    x(["string", "null"]),
  ),
  retyped("arrays of two kinds", [{ type: "array", items: "int" }, "null"], [{ type: "array", items: "long" }, "null"]),
  retyped("a record of a union is renamed", ["null", money()], ["null", record("Price", [field("amount", "long")])]),
  retyped(
    "a record of a union is renamed with an alias",
    ["null", money()],
    ["null", record("Price", [field("amount", "long")], { aliases: ["Money"] })],
  ),
  retyped("a record of a union needs one field more", ["null", money()], ["null", money(currency)]),
  retyped(
    "the renamed record of a union needs one field more",
    ["null", money()],
    ["null", record("Price", [field("amount", "long"), currency])],
  ),
  retyped(
    "a renamed record of a union misfits further in",
    ["null", record("A", [field("m", record("M", [field("v", "string")]))])],
    ["null", record("B", [field("m", record("N", [field("v", "int")]))])],
  ),
  retyped("an enum of a union is renamed", ["null", colour(["RED"])], ["null", { ...colour(["RED"]), name: "Color" }]),
  retyped(
    "an enum of a union moves to a namespace",
    ["null", colour(["RED"])],
    ["null", { ...colour(["RED"]), namespace: "other" }],
  ),
  retyped(
    "two structures fit, one by its short name",
    ["null", record("p.Money", [field("amount", "long")])],
    ["null", record("Price", [field("amount", "long")]), record("q.Money", [field("amount", "long")])],
  ),

  retyped(
    "two structures fit, and the one of its short name misfits further in",
    ["null", record("p.M", [field("v", record("V", [field("w", "string")]))])],
    [
      "null",
      record("A", [field("v", record("W", [field("w", "string")]))]),
      record("q.M", [field("v", record("V2", [field("w", "int")]))]),
    ],
  ),
  retyped(
    "a structure fits but for a field, and another one fits",
    ["null", record("M", [field("v", "string"), field("w", "int")])],
    ["null", record("A", [field("v", "int")]), record("B", [field("w", "int")])],
  ),
  change(
    "a record of a union is renamed, and a field with it",
    x(["null", money()]),
    x(["null", record("Price", [field("cents", "long", { aliases: ["amount"] })], { aliases: ["Money"] })]),
  ),
  change(
    "aliases of fields are those of a record that another renames",
    event(field("a", record("M", [field("v", "int")])), field("b", "M")),
    event(field("a", record("N", [field("w", "int", { aliases: ["v"] })], { aliases: ["M"] })), field("b", "N")),
  ),

  // Enums
  retyped("a symbol is added", colour(["RED"]), colour(["RED", "BLUE"])),
  retyped("a symbol is removed", colour(["RED", "BLUE"]), colour(["RED"])),
  retyped("a symbol is removed, with a default", colour(["RED", "BLUE"]), colour(["RED"], { default: "RED" })),
  retyped("a symbol is renamed", colour(["RED", "BLUE"]), colour(["RED", "AZURE"])),
  retyped("symbols change places", colour(["RED", "BLUE"]), colour(["BLUE", "RED"])),
  retyped("all symbols are others", colour(["RED"]), colour(["NORTH"])),
  retyped("an enum gets a default", colour(["RED", "BLUE"]), colour(["RED", "BLUE"], { default: "RED" })),
  retyped("an enum is renamed", colour(["RED"]), { ...colour(["RED"]), name: "Color" }),
  retyped("an enum is renamed with an alias", colour(["RED"]), {
    ...colour(["RED"]),
    name: "Color",
    aliases: ["Colour"],
  }),
  retyped("an enum moves to a namespace", colour(["RED"]), { ...colour(["RED"]), namespace: "other" }),
  retyped("an enum becomes a string", colour(["RED"]), "string"),
  retyped("a string becomes an enum", "string", colour(["RED"])),
  change("a field of an enum with a default that is no symbol", event(), x(colour(["RED"]), { default: "BLUE" })),

  // Names
  change("the record is renamed", event(), record("F", [field("id", "string")], { namespace: "t" })),
  change("the record moves to another namespace", event(), record("E", [field("id", "string")], { namespace: "u" })),
  change(
    "the record is renamed with an alias",
    event(),
    record("F", [field("id", "string")], { namespace: "t", aliases: ["E"] }),
  ),
  change(
    "the record is renamed, and a field with it",
    x("int"),
    record("F", [field("id", "string"), field("y", "int", { aliases: ["x"] })], { namespace: "t", aliases: ["E"] }),
  ),
  retyped("an inner record is renamed", money(), record("Price", [field("amount", "long")])),
  retyped(
    "an inner record moves to a namespace",
    money(),
    record("Money", [field("amount", "long")], { namespace: "other" }),
  ),
  retyped("an inner record is another that fits", money(), record("Weight", [field("amount", "long")])),
  change("a namespace with a hyphen", event(), record("E", [field("id", "string")], { namespace: "my-shop.sales" })),
  change("a namespace with a digit first", event(), record("E", [field("id", "string")], { namespace: "shop.2sales" })),
  history(
    "a namespace with a hyphen is held",
    [record("E", [field("id", "string")], { namespace: "my-shop" })],
    record("E", [field("id", "string"), field("x", "int", { default: 0 })], { namespace: "my-shop" }),
  ),
  change("a name with a hyphen", event(), record("my-event", [field("id", "string")])),
  change("a field with a hyphen", event(), event(field("order-id", "string", { default: "" }))),
  change("a name with an umlaut", event(), event(field("größe", "int", { default: 0 }))),
  change("a name with a dollar", event(), event(field("a$b", "int", { default: 0 }))),
  change("a symbol with a space", event(), x(colour(["DARK RED"]), { default: "DARK RED" })),
  change("a name that is a primitive's", event(), event(field("x", record("string", []), { default: {} }))),
  change("an empty name", event(), record("", [field("id", "string")])),

  // Logical types
  retyped("a long becomes a timestamp", "long", logical("long", "timestamp-millis")),
  retyped(
    "a timestamp in milliseconds becomes one in microseconds",
    logical("long", "timestamp-millis"),
    logical("long", "timestamp-micros"),
  ),
  retyped("a date becomes a plain int", logical("int", "date"), "int"),
  retyped("a string becomes a uuid", "string", logical("string", "uuid")),
  retyped("the scale of a decimal changes", decimal(10, 2), decimal(10, 3)),
  retyped("the precision of a decimal grows", decimal(10, 2), decimal(12, 2)),
  retyped("the precision of a decimal shrinks", decimal(12, 2), decimal(10, 2)),
  retyped("a decimal becomes plain bytes", decimal(10, 2), "bytes"),
  retyped("a decimal becomes a string", decimal(10, 2), "string"),
  retyped("an unknown logical type", "string", logical("string", "anything")),

  // Fixed
  retyped("the size of a fixed changes", hash(16), hash(20)),
  retyped("a fixed is renamed", hash(16), { ...hash(16), name: "Digest" }),
  retyped("a fixed moves to a namespace", hash(16), { ...hash(16), namespace: "other" }),
  retyped("a fixed becomes bytes", hash(16), "bytes"),
  retyped("a fixed becomes nullable", hash(16), ["null", hash(16)]),
  retyped("a fixed has a negative size", hash(16), hash(-1)),

  // Inside
  retyped(
    "an inner record gets a field with a default",
    money(),
    money(field("currency", "string", { default: "EUR" })),
  ),
  retyped("an inner record gets a field without a default", money(), money(currency)),
  retyped("an inner record loses a field", money(currency), money()),
  retyped("the items of an array are promoted", { type: "array", items: "int" }, { type: "array", items: "long" }),
  retyped("the items of an array are narrowed", { type: "array", items: "long" }, { type: "array", items: "int" }),
  retyped(
    "the records of an array get a field",
    { type: "array", items: money() },
    { type: "array", items: money(currency) },
  ),
  retyped("an array becomes a map", { type: "array", items: "int" }, { type: "map", values: "int" }),
  retyped(
    "the values of a map become nullable",
    { type: "map", values: "string" },
    { type: "map", values: ["null", "string"] },
  ),
  retyped("a type becomes an array of it", "int", { type: "array", items: "int" }),
  change("a record becomes the default of a new field", event(), x(money(), { default: { amount: 1 } })),
  change("the default of a new record lacks a field", event(), x(money(currency), { default: { amount: 1 } })),
  change(
    "a named type is used twice",
    event(field("a", money())),
    event(field("a", money()), field("b", "Money", { default: { amount: 0 } })),
  ),

  // Types that hold themselves
  change("a recursive record gets a field with a default", node(), node(field("y", "int", { default: 0 }))),
  change("a recursive record gets a field without a default", node(), node(field("y", "int"))),
  change(
    "a recursive record is renamed",
    node(),
    record("Knot", [field("value", "int"), field("next", ["null", "Knot"], { default: null })], { namespace: "t" }),
  ),
  change(
    "a recursive record is renamed and promoted",
    node(),
    record("Knot", [field("value", "long"), field("next", ["null", "Knot"], { default: null })], { namespace: "t" }),
  ),
  change(
    "a recursive record is narrowed",
    record("Knot", [field("value", "long"), field("next", ["null", "Knot"])]),
    record("Node", [field("value", "int"), field("next", ["null", "Node"])]),
  ),

  change("a record that holds itself without end", event(), record("E", [field("self", "E")], { namespace: "t" })),
  history(
    "a record that holds itself without end is held",
    [record("E", [field("self", "E")])],
    record("E", [field("self", "E", { doc: "again" })]),
  ),
  change(
    "a default that needs itself",
    event(),
    event(field("x", record("N", [field("n", "N", { default: {} })]), { default: {} })),
  ),
  change("a default of the record around it", event(), event(field("x", ["E", "null"], { default: { id: "" } }))),

  // Not what a field can have
  change("a default of another type", event(), x("int", { default: "zero" })),
  change(
    "a default with a fraction for an int",
    event(),
    JSON.stringify(x("int", { default: 0 })).replace('"default":0', '"default":0.0'),
  ),
  change("a default that is too large", event(), x("int", { default: 3_000_000_000 })),
  history("a default of another type is held", [x("int", { default: "zero" })], x("int", { default: 0 })),
  history(
    "a default of another type is held, and the same comes again",
    [x("int", { default: "zero" })],
    x("int", { default: "zero" }),
  ),
  change(
    "a default of another type where an alias renames",
    x("int", { default: "zero" }),
    event(field("y", "int", { aliases: ["x"] })),
  ),
  change("a default null for a type that is not nullable", event(), x("string", { default: null })),
  change("a field is there twice", event(), event(field("x", "int"), field("x", "int"))),
  change("a type that is not defined", event(), x("Money")),
  change("a type that is defined further down", event(), event(field("a", "Money"), field("b", money()))),
  change(
    "a type is defined twice",
    event(),
    event(field("a", money(), { default: { amount: 0 } }), field("b", money(), { default: { amount: 0 } })),
  ),
  change(
    "an enum is defined twice alike",
    event(),
    event(field("a", colour(["RED"]), { default: "RED" }), field("b", colour(["RED"]), { default: "RED" })),
  ),
  change(
    "a reference in an object",
    event(),
    event(field("a", money(), { default: { amount: 0 } }), field("b", { type: "Money" }, { default: { amount: 0 } })),
  ),
  change("a union in a union", event(), x(["null", ["int", "string"]])),
  change("a union holds a type twice", event(), x(["int", "int"])),
  change("an enum without symbols", event(), x(colour([]))),
  change("an enum with a default that is no symbol", event(), x(colour(["RED"], { default: "BLUE" }))),
  change("no JSON", event(), "{"),
  change("nothing", event(), ""),
  change("more after the end", event(), `${JSON.stringify(event())} {}`),

  // No record
  change("a union at the top", event(), [event(), "null"]),
  history("a union at the top is held", [[shipped, "null"]], [shipped, "null", "int"]),
  change("a primitive at the top", event(), "string".replace(/^|$/g, '"')),
  history("a primitive at the top is held", ['"int"'], '"long"'),
  history("an enum at the top is held", [colour(["RED"])], colour(["RED", "BLUE"])),
  history("an array at the top is held", [{ type: "array", items: "int" }], { type: "array", items: "string" }),

  // Several versions
  history("what the latest can read and the first cannot", [x("string"), event()], x("int", { default: 0 })),
  history("what the first can read and the latest cannot", [event(), x("int")], x("string", { default: "" })),
  history(
    "three versions, each with one field more",
    [
      event(),
      event(field("a", "int", { default: 0 })),
      event(field("a", "int", { default: 0 }), field("b", "int", { default: 0 })),
    ],
    event(field("a", "int", { default: 0 }), field("b", "int", { default: 0 }), field("c", "int", { default: 0 })),
  ),
  history("a default comes back after it was dropped", [x("int", { default: 1 }), x("int")], x("int", { default: 2 })),

  // evgen's envelope
  change("the envelope: a branch at the end", envelope(placed(), shipped), envelope(placed(), shipped, paid)),
  change(
    "the envelope: a new version at the end",
    envelope(placed(), shipped),
    envelope(placed(), shipped, placedAgain),
  ),
  change("the envelope: a branch in the middle", envelope(placed(), shipped), envelope(placed(), paid, shipped)),
  change("the envelope: the last branch is removed", envelope(placed(), shipped, paid), envelope(placed(), shipped)),
  change("the envelope: a branch is removed that another is alike", envelope(placed(), shipped), envelope(shipped)),
  change("the envelope: branches change places", envelope(placed(), paid), envelope(paid, placed())),
  change(
    "the envelope: branches that are alike change places",
    envelope(placed(), shipped),
    envelope(shipped, placed()),
  ),
  change(
    "the envelope: a branch is renamed",
    envelope(placed(), shipped),
    envelope(record("OrderCreatedV1", [field("orderId", "string")]), shipped),
  ),
  change(
    "the envelope: a released branch gets a field with a default",
    envelope(placed()),
    envelope(placed(field("note", "string", { default: "" }))),
  ),
  change(
    "the envelope: a released branch gets a field without a default",
    envelope(placed()),
    envelope(placed(field("note", "string"))),
  ),
  change(
    "the envelope: a header field with a default",
    envelope(placed()),
    JSON.parse(
      JSON.stringify(envelope(placed())).replace(
        '{"name":"data"',
        '{"name":"tenant","type":"string","default":""},{"name":"data"',
      ),
    ) as object,
  ),
  history(
    "the envelope: grown over three versions",
    [envelope(placed()), envelope(placed(), shipped), envelope(placed(), shipped, paid)],
    envelope(placed(), shipped, paid, placedAgain),
  ),
  history(
    "the envelope: a branch comes back elsewhere",
    [envelope(placed(), shipped), envelope(shipped)],
    envelope(shipped, placed()),
  ),

  // JSON Schema in the old form of Jackson
  change("Jackson's form over Avro", event(), jackson({ id: { type: "string" } })),
  history("Jackson's form is held, and Avro comes", [jackson({ id: { type: "string" } })], event()),
  history(
    "Jackson's form is held, and the same comes",
    [jackson({ id: { type: "string" } })],
    jackson({ id: { type: "string" } }),
  ),
  history(
    "Jackson's form is held, and another comes",
    [jackson({ id: { type: "string" } })],
    jackson({ id: { type: "integer" } }),
  ),
  history(
    "Jackson's form with ids is held, and another comes",
    [jackson({ id: { type: "string" } }, { id: "urn:a" })],
    jackson({ id: { type: "integer" } }, { id: "urn:a" }),
  ),
  history(
    "Jackson's form with ids is held, and another id comes",
    [jackson({ id: { type: "string" } }, { id: "urn:a" })],
    jackson({ id: { type: "integer" } }, { id: "urn:b" }),
  ),
  history("Jackson's form is below Avro", [jackson({ id: { type: "string" } }), event()], x("int", { default: 0 })),
  change("Jackson's form with draft 7's required", event(), jackson({ id: { type: "string" } }, { required: ["id"] })),
  change(
    "Jackson's form with nested properties",
    event(),
    jackson({ a: { type: "object", properties: { b: { type: "array", items: { type: "number" } } } } }),
  ),
  change("Jackson's form with a property without a type", event(), jackson({ id: { enum: ["a"] } })),
  change("Jackson's form of a type that it has not", event(), { type: "decimal" }),
];

export const definitionOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
