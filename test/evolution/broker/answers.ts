import {
  type Answer,
  type HeldSchema,
  predictCompatibility,
  predictRegistration,
  type Question,
  type Strategy,
} from "../../../src/evolution/broker/predict.js";
import type { AvroLine } from "../../../src/evolution/broker/schema.js";
import { type Change, definitionOf } from "./changes.js";

/** What a broker answered to the changes, or is predicted to: by name of the change and type. */
export interface Answers {
  readonly [change: string]: Readonly<Record<SchemaKind, Answered>>;
}

export type SchemaKind = "AVRO" | "JSON";

export const kinds: readonly SchemaKind[] = ["AVRO", "JSON"];

/** A sign a question; those of `asked` and `registered` stand in the order of `strategies`. */
export interface Answered {
  /** Registering what the broker is to hold, under ALWAYS_COMPATIBLE. */
  readonly held: string;
  /** POST compatibility: `+` for 202, `-` for 500. */
  readonly asked: string;
  /** POST schema: `+` a new version, `=` an old one, `-` for 409, `!` for 422, `?` for 500. */
  readonly registered: string;
}

export const strategies: readonly Strategy[] = [
  "ALWAYS_COMPATIBLE",
  "ALWAYS_INCOMPATIBLE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
  "UNDEFINED",
];

/** One change, under one strategy. */
export interface Trial {
  readonly held: readonly string[];
  readonly next: string;
  readonly type: SchemaKind;
  readonly strategy: Strategy;
}

export const trials = (changes: readonly Change[]): readonly Trial[] =>
  changes.flatMap(({ held, next }) =>
    kinds.flatMap((type) =>
      strategies.map((strategy) => ({ held: held.map(definitionOf), next: definitionOf(next), type, strategy })),
    ),
  );

/** The answers to the trials of changes, as they are written down. */
export const collect = (changes: readonly Change[], answered: readonly Answered[]): Answers =>
  Object.fromEntries(
    changes.map(({ name }, row) => {
      const byKind = kinds.map((kind, column) => {
        const start = (row * kinds.length + column) * strategies.length;
        const own = answered.slice(start, start + strategies.length);
        const sign = (of: (one: Answered) => string): string => own.map(of).join("");
        return [
          kind,
          { held: own[0]?.held ?? "", asked: sign((one) => one.asked), registered: sign((one) => one.registered) },
        ] as const;
      });
      return [name, Object.fromEntries(byKind) as Record<SchemaKind, Answered>];
    }),
  );

export const predict = ({ held: definitions, next, type, strategy }: Trial, avro: AvroLine): Answered => {
  const held: HeldSchema[] = [];
  let signs = "";
  for (const definition of definitions) {
    const answer = predictRegistration({ type, definition, held, strategy: "ALWAYS_COMPATIBLE", avro });
    if (answer.accepts && answer.same === undefined) held.push({ version: held.length, type, definition });
    signs += registrationSign(answer);
  }
  const question: Question = { type, definition: next, held, strategy, avro };
  return {
    held: signs,
    asked: predictCompatibility(question).accepts ? "+" : "-",
    registered: registrationSign(predictRegistration(question)),
  };
};

const registrationSign = (answer: Answer): string => {
  if (answer.accepts) return answer.same === undefined ? "+" : "=";
  return statusSign(answer.status);
};

export const statusSign = (status: number): string => ({ 409: "-", 422: "!", 500: "?" })[status] ?? `(${status})`;
