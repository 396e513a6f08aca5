import { type AnyRow, applyChange } from "./apply-change.js";
import type { Change, EventHeader } from "./definitions.js";
import { describeProblems, messageOf, ProjectionError } from "./errors.js";
import { isKeyValue } from "./key-value.js";
import type { AnyProjection, ProjectionWrite } from "./store.js";
import { type Check, loadChecks } from "./validator.js";

/** Makes the rows that a write leaves, of those that were there. */
export interface Fold {
  /** One text for one key, whatever the order of its fields. */
  keyText(key: AnyRow): string;
  /** Whether every field of a key is of its column's type. */
  isKey(key: AnyRow): boolean;
  /**
   * The rows that a write changes, by the text of their key; a row that is undefined is to be deleted. `before` is asked
   * for what is there. Throws ProjectionError when a row would not be valid.
   */
  write(write: ProjectionWrite, before: (key: string) => AnyRow | undefined): ReadonlyMap<string, FoldedRow>;
}

export interface FoldedRow {
  readonly key: AnyRow;
  readonly row: AnyRow | undefined;
}

/** How a projection's writes are folded. Loads what validates its rows. */
export const loadFold = async (projection: AnyProjection): Promise<Fold> => {
  const schema = { schema: projection.row };
  const check = (await loadChecks([schema]))(schema);
  const keyText = (key: AnyRow) => keyTextOf(key, projection.key);
  return {
    keyText,
    isKey: (key) => wrongField(projection, key) === undefined,
    write({ header, changes }, before) {
      const written = new Map<string, FoldedRow>();
      for (const change of changes) {
        const key = change.key as AnyRow;
        const text = keyText(key);
        const row = written.has(text) ? written.get(text)?.row : before(text);
        written.set(text, { key, row: changed(check, projection, header, row, change) });
      }
      return written;
    },
  };
};

const changed = (
  check: Check,
  projection: AnyProjection,
  header: EventHeader,
  before: AnyRow | undefined,
  change: Change<unknown, AnyRow>,
): AnyRow | undefined => {
  const key = change.key as AnyRow;
  const fail = (reason: string, missing: readonly string[] = []): never => {
    throw new ProjectionError(projection.name, { event: header, key, missing, reason });
  };
  // Keys that a function of the user's makes are checked by nobody else.
  const wrong = wrongField(projection, key);
  if (wrong !== undefined) fail(`${wrong} of the key is not of the type ${projection.columns[wrong]?.type}`);
  let row: AnyRow | undefined;
  try {
    row = applyChange(before, change, projection.initial);
  } catch (error) {
    return fail(messageOf(error));
  }
  if (row === undefined) return undefined;
  const required = (projection.row["required"] as readonly string[] | undefined) ?? [];
  const missing = required.filter((field) => row[field] === undefined);
  if (missing.length > 0) fail(`the row is incomplete: ${missing.join(", ")} would be missing`, missing);
  const problems = check(row);
  if (problems.length > 0) fail(`the row would not be valid: ${describeProblems(problems)}`);
  return row;
};

const wrongField = ({ key: fields, columns }: AnyProjection, key: AnyRow): string | undefined =>
  fields.find((field) => {
    const type = columns[field]?.type;
    return type !== undefined && !isKeyValue(type, key[field]);
  });

const keyTextOf = (key: AnyRow, fields: readonly string[]): string =>
  JSON.stringify(fields.map((field) => (typeof key[field] === "bigint" ? `${key[field]}n` : key[field])));
