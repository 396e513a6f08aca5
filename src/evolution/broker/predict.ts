import { parseDefinition } from "./definition.js";
import { equal } from "./equal.js";
import { jacksonId, readAsJackson } from "./jackson.js";
import { type Misfit, misfit } from "./resolve.js";
import type { AvroLine, Schema } from "./schema.js";

export type Strategy =
  | "UNDEFINED"
  | "ALWAYS_INCOMPATIBLE"
  | "ALWAYS_COMPATIBLE"
  | "BACKWARD"
  | "FORWARD"
  | "FULL"
  | "BACKWARD_TRANSITIVE"
  | "FORWARD_TRANSITIVE"
  | "FULL_TRANSITIVE";

/** A version of a topic's schema, as `GET schemas/…/schemas` of a broker gives it. */
export interface HeldSchema {
  readonly version: number;
  /** AVRO, JSON, STRING, … */
  readonly type: string;
  readonly definition: string;
}

/** A schema, and the broker that is asked for it. */
export interface Question {
  readonly type: "AVRO" | "JSON";
  readonly definition: string;
  /** Oldest first; those before the last deletion are not among them. */
  readonly held: readonly HeldSchema[];
  /** Of the topic or namespace; UNDEFINED there means the broker's own, which is FULL unless `otherwise` says more. */
  readonly strategy: Strategy;
  readonly otherwise?: Strategy;
  readonly avro: AvroLine;
}

/** What a broker answers, and why when it refuses. */
export type Answer =
  | { readonly accepts: true; readonly status: 200 | 202; readonly same?: number }
  | { readonly accepts: false; readonly status: 409 | 422 | 500; readonly reason: string };

/** What `POST schemas/…/compatibility` answers: 202, or 500 for whatever speaks against it. */
export const predictCompatibility = (question: Question): Answer => {
  const refusal = refusedAtOnce(question) ?? refusedByStrategy(question);
  return refusal === undefined
    ? { accepts: true, status: 202 }
    : { accepts: false, status: 500, reason: refusal.reason };
};

/**
 * What `POST schemas/…/schema` answers: 200 with the version, which is an old one (`same`) when an equal schema is held; 409
 * when it is incompatible, 422 when it is no schema, 500 when the broker fails over it.
 */
export const predictRegistration = (question: Question): Answer => {
  const invalid = refusedAtOnce(question);
  if (invalid !== undefined)
    return { accepts: false, status: invalid.throws === "always" ? 500 : 422, reason: invalid.reason };
  if (question.held.length === 0) return { accepts: true, status: 200 };
  const found = findEqual(question);
  if ("failure" in found) return { accepts: false, status: 500, reason: found.failure };
  if (found.version !== undefined) return { accepts: true, status: 200, same: found.version };
  const refusal = refusedByStrategy(question);
  if (refusal === undefined) return { accepts: true, status: 200 };
  const fails = refusal.throws === "always" || (refusal.throws === "alone" && !isTransitive(question));
  return { accepts: false, status: fails ? 500 : 409, reason: refusal.reason };
};

/** Before anything is compared: whether it is a schema at all. Defaults are not looked at. */
const refusedAtOnce = ({ type, definition, avro }: Question): Refused | undefined => {
  const parsed = parseDefinition(definition, { avro, defaults: false });
  if ("schema" in parsed) {
    const union = type === "AVRO" && parsed.schema.kind === "union";
    return union ? { reason: "the schema is a union, which a topic of type AVRO cannot have" } : undefined;
  }
  const reason = `the schema is invalid: ${parsed.refused.message}`;
  if (type === "AVRO" || avro === "1.12" || !parsed.refused.unparsable) return { reason };
  const read = readAsJackson(definition);
  if (read === "schema") return undefined;
  return read === "fails" ? { reason, throws: "always" } : { reason };
};

/** The version that is equal already. All are parsed for it with their defaults, and one that fails fails the request. */
const findEqual = (question: Question): { readonly version: number | undefined } | { readonly failure: string } => {
  const { type, definition, held, avro } = question;
  const parsed = parseDefinition(definition, { avro, defaults: true });
  if ("refused" in parsed) return { failure: `the schema cannot be compared: ${parsed.refused.message}` };
  for (const one of held.filter((each) => avroTypes.has(each.type))) {
    const other = parseDefinition(one.definition, { avro, defaults: true });
    if ("refused" in other) return { failure: `version ${one.version} cannot be compared: ${other.refused.message}` };
    if (one.type === type && equal(parsed.schema, other.schema)) return { version: one.version };
  }
  return { version: undefined };
};

interface Refused {
  readonly reason: string;
  /** As in `Misfit`. */
  readonly throws?: Misfit["throws"];
}

const refusedByStrategy = (question: Question): Refused | undefined => {
  const { held, type } = question;
  const strategy = effective(question);
  if (strategy === "ALWAYS_COMPATIBLE") return undefined;
  const compared = isTransitive(question) ? held : held.slice(-1);
  const otherType = compared.find((one) => one.type !== type);
  if (otherType !== undefined) {
    return { reason: `version ${otherType.version} is of type ${otherType.type}, not ${type}` };
  }
  const [latest] = compared.slice(-1);
  if (latest === undefined) return undefined;
  if (isTransitive(question)) return refusedByAny(question, [...compared].reverse());
  if (latest.definition === question.definition) return undefined;
  return type === "JSON" ? refusedAsJson(question, latest) : refusedByAny(question, [latest]);
};

/** The type JSON knows two forms of definitions, of which the old one goes with everything. */
const refusedAsJson = (question: Question, latest: HeldSchema): Refused | undefined => {
  const isAvro = (definition: string): boolean =>
    "schema" in parseDefinition(definition, { avro: question.avro, defaults: false });
  if (isAvro(latest.definition) && isAvro(question.definition)) return refusedByAny(question, [latest]);
  if (question.avro === "1.12") {
    return { reason: `version ${latest.version} is no Avro, which the type JSON now needs` };
  }
  if (isAvro(latest.definition) || isAvro(question.definition)) return undefined;
  const id = jacksonId(latest.definition);
  if (id !== undefined && id === jacksonId(question.definition)) return undefined;
  const reason = `the schema and version ${latest.version} are both in Jackson's old form, and have no id in common`;
  return id === undefined ? { reason, throws: "alone" } : { reason };
};

const refusedByAny = (question: Question, newestFirst: readonly HeldSchema[]): Refused | undefined => {
  const { avro, definition } = question;
  const strategy = effective(question);
  const olds: { readonly version: number; readonly schema: Schema }[] = [];
  for (const { version, definition: text } of newestFirst) {
    const parsed = parseDefinition(text, { avro, defaults: false });
    if ("refused" in parsed) return { reason: `version ${version} is no Avro: ${parsed.refused.message}` };
    olds.push({ version, schema: parsed.schema });
  }
  const parsed = parseDefinition(definition, { avro, defaults: false });
  if ("refused" in parsed) return { reason: `the schema is no Avro: ${parsed.refused.message}` };
  if (strategy === "ALWAYS_INCOMPATIBLE" || strategy === "UNDEFINED") {
    return { reason: `the strategy is ${strategy}, which refuses every other schema` };
  }
  for (const { version, schema } of olds) {
    for (const [writer, reader, words] of pairs(strategy, parsed.schema, schema, version)) {
      const found = misfit(writer, reader, avro);
      if (found !== undefined) {
        return {
          reason: `${words}: ${found.path === "" ? "" : `at ${found.path}, `}${found.problem}`,
          throws: found.throws,
        };
      }
    }
  }
  return undefined;
};

/** In the broker's order: FULL tries first whether old readers can read the new. */
const pairs = (
  strategy: Strategy,
  fresh: Schema,
  old: Schema,
  version: number,
): readonly (readonly [writer: Schema, reader: Schema, words: string])[] => {
  const backward = [old, fresh, `the new schema cannot read what version ${version} wrote`] as const;
  const forward = [fresh, old, `version ${version} cannot read what the new schema writes`] as const;
  if (strategy.startsWith("BACKWARD")) return [backward];
  return strategy.startsWith("FORWARD") ? [forward] : [forward, backward];
};

const effective = ({ strategy, otherwise }: Question): Strategy =>
  strategy === "UNDEFINED" ? (otherwise ?? "FULL") : strategy;

const isTransitive = (question: Question): boolean => effective(question).endsWith("_TRANSITIVE");

/** Types whose definitions the broker parses when it looks for an equal one. */
const avroTypes: ReadonlySet<string> = new Set(["AVRO", "JSON", "PROTOBUF"]);
