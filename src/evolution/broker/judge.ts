import { parseDefinition } from "./definition.js";
import { type Answer, predictCompatibility, predictRegistration, type Question } from "./predict.js";
import type { AvroLine } from "./schema.js";
import { type Misreading, stricter } from "./stricter.js";

/** A schema that a broker is asked for, and what it said to `POST schemas/…/compatibility`. */
export interface Asked extends Question {
  readonly answered: { readonly accepts: true } | { readonly accepts: false; readonly reason: string };
}

/** The three opinions about a schema, and what else there is to know of them. */
export interface Judgement {
  readonly predicted: Answer;
  readonly answered: Asked["answered"];
  /** Whether the broker would give the schema a version: a refused one that it holds already has one. */
  readonly registers: boolean;
  /** The version that the schema is already. */
  readonly same?: number;
  /** What evgen holds against reading what was written with a version, for those that it holds something against. */
  readonly misread: readonly { readonly version: number; readonly misreadings: readonly Misreading[] }[];
  /** What a broker with the other Avro says, when it is something else. */
  readonly elsewhere?: { readonly avro: AvroLine; readonly answer: Answer };
}

/** Puts a broker's answer beside the one that was predicted, and evgen's own beside both. */
export const judge = (asked: Asked): Judgement => {
  const { answered } = asked;
  const predicted = predictCompatibility(asked);
  const registration = predictRegistration(asked);
  const same = registration.accepts ? registration.same : undefined;
  const avro = asked.avro === "1.11" ? "1.12" : "1.11";
  const answer = predictCompatibility({ ...asked, avro });
  return {
    ...{ predicted, answered, registers: answered.accepts || same !== undefined },
    ...(same === undefined ? {} : { same }),
    misread: misread(asked),
    ...(answer.accepts === predicted.accepts ? {} : { elsewhere: { avro, answer } }),
  };
};

/** All versions count, also those that the strategy does not look at: their events are in the log. */
const misread = ({ type, definition, held, avro }: Asked): Judgement["misread"] => {
  const reader = parseDefinition(definition, { avro, defaults: false });
  if ("refused" in reader) return [];
  const encoding = type === "AVRO" ? "avro" : "json";
  return held.flatMap(({ version, type: heldType, definition: text }) => {
    const writer = parseDefinition(text, { avro, defaults: false });
    if (heldType !== type || "refused" in writer) return [];
    const misreadings = stricter(reader.schema, writer.schema, encoding, avro);
    return misreadings.length === 0 ? [] : [{ version, misreadings }];
  });
};
