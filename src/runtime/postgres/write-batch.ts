import type { AnyRow } from "../apply-change.js";
import { messageOf, ProjectionError } from "../errors.js";
import type { Fold, FoldedRow } from "../fold.js";
import type { AnyProjection, KeyedRow, ProjectionWrite } from "../store.js";
import type { Columns } from "./columns.js";
import type { Query } from "./database.js";
import type { tableNames } from "./ddl.js";
import { maySay, textProblem } from "./texts.js";

/** What became of a write. */
export type Written = PromiseSettledResult<"applied" | "duplicate">;

/** The rows that are written to. */
export interface Table {
  readonly projection: AnyProjection;
  readonly fold: Fold;
  readonly columns: Columns;
  /** Of its rows, its streams and its events, as SQL names them. */
  readonly names: ReturnType<typeof tableNames>;
}

/**
 * Applies writes in their order within a transaction: what is there is locked and read, rows are folded, and what has
 * changed is written. What is not there cannot be locked, so new rows are inserted in a way that fails (23505) when
 * another process was faster; the transaction is then to be tried again.
 */
export const writeBatch = async (
  query: Query,
  table: Table,
  writes: readonly ProjectionWrite[],
): Promise<readonly Written[]> => {
  const seen = await readSeen(query, table, writes);
  const before = await readRows(query, table, writes);
  const batch = foldAll(table, writes, seen, before);
  await writeRows(query, table, batch.rows, before);
  await writeSeen(query, table, batch, seen);
  return batch.outcomes;
};

/** What is known of events: the last sequences of streams, and ids. */
interface Seen {
  readonly last: ReadonlyMap<string, number>;
  readonly ids: ReadonlySet<string>;
}

const readSeen = async (query: Query, { names }: Table, writes: readonly ProjectionWrite[]): Promise<Seen> => {
  const [, streams, events] = names;
  const numbered = new Set(writes.filter(({ header }) => header.sequence !== undefined).map(({ stream }) => stream));
  const unnumbered = new Set(
    writes.filter(({ header }) => header.sequence === undefined).map(({ header }) => header.id),
  );
  const known =
    numbered.size === 0
      ? []
      : await query(
          `select s.stream, s.last::text as last from ${streams} s
where s.stream in (select json_array_elements_text($1::text::json)) order by s.stream for update of s`,
          [JSON.stringify([...numbered].filter(isText))],
        );
  const ids =
    unnumbered.size === 0
      ? []
      : await query(`select e.id from ${events} e where e.id in (select json_array_elements_text($1::text::json))`, [
          JSON.stringify([...unnumbered].filter(isText)),
        ]);
  return {
    last: new Map(known.map(({ stream, last }) => [String(stream), Number(last)])),
    ids: new Set(ids.map(({ id }) => String(id))),
  };
};

const isText = (value: unknown): boolean => textProblem(value) === undefined;

const readRows = async (
  query: Query,
  { names: [rows], fold, columns }: Table,
  writes: readonly ProjectionWrite[],
): Promise<ReadonlyMap<string, AnyRow>> => {
  const keys = new Map<string, string>();
  for (const { changes } of writes) {
    for (const change of changes) {
      const key = change.key as AnyRow;
      // One that is not valid is refused when it is folded.
      if (fold.isKey(key) && isText(key)) keys.set(fold.keyText(key), columns.keyJson(key));
    }
  }
  if (keys.size === 0) return new Map();
  const found = await query(
    `select ${columns.selected("t")} from ${rows} t
join json_to_recordset($1::text::json) as x(${columns.keyRecordset}) using (${columns.key})
order by ${columns.key} for update of t`,
    [`[${[...keys.values()].join(",")}]`],
  );
  return new Map(found.map(columns.read).map(({ key, row }) => [fold.keyText(key), row]));
};

interface Batch {
  readonly outcomes: readonly Written[];
  readonly rows: ReadonlyMap<string, FoldedRow>;
  readonly last: ReadonlyMap<string, number>;
  readonly ids: ReadonlySet<string>;
}

const foldAll = (
  { projection, fold }: Table,
  writes: readonly ProjectionWrite[],
  seen: Seen,
  before: ReadonlyMap<string, AnyRow>,
): Batch => {
  const rows = new Map<string, FoldedRow>();
  const last = new Map<string, number>();
  const ids = new Set<string>();
  const failed = new Set<string>();
  const outcomes = writes.map((write): Written => {
    const { stream, header } = write;
    const { id, sequence } = header;
    const known =
      sequence === undefined
        ? seen.ids.has(id) || ids.has(id)
        : sequence <= (last.get(stream) ?? seen.last.get(stream) ?? Number.NEGATIVE_INFINITY);
    if (known) return { status: "fulfilled", value: "duplicate" };
    try {
      // Otherwise it would be passed over for ever: a stream is known by its last sequence.
      if (failed.has(stream)) throw new Error("an event of its stream that came before it could not be applied");
      const written = fold.write(write, (key) => (rows.has(key) ? rows.get(key)?.row : before.get(key)));
      for (const one of [stream, ...(sequence === undefined ? [id] : [])]) refuse(textProblem(one));
      for (const row of written.values()) refuse(rowProblem(row));
      for (const [key, row] of written) rows.set(key, row);
    } catch (error) {
      failed.add(stream);
      const details = { event: header, key: write.changes[0]?.key, missing: [], reason: messageOf(error) };
      const reason = error instanceof ProjectionError ? error : new ProjectionError(projection.name, details);
      return { status: "rejected", reason };
    }
    if (sequence === undefined) ids.add(id);
    else last.set(stream, sequence);
    return { status: "fulfilled", value: "applied" };
  });
  return { outcomes, rows, last, ids };
};

const refuse = (problem: string | undefined): void => {
  if (problem !== undefined) throw new Error(problem);
};

/** Looked for only where the JSON of a row may have it. */
const rowProblem = ({ key, row }: FoldedRow): string | undefined => {
  const one = [key, row];
  return maySay(JSON.stringify(one, (_, value: unknown) => (typeof value === "bigint" ? 0 : value)))
    ? textProblem(one)
    : undefined;
};

const writeRows = async (
  query: Query,
  { names: [rows], columns }: Table,
  folded: ReadonlyMap<string, FoldedRow>,
  before: ReadonlyMap<string, AnyRow>,
): Promise<void> => {
  const added: string[] = [];
  const changed: string[] = [];
  const deleted: string[] = [];
  // In one order in all processes, so that they seldom wait for each other in a circle.
  for (const [text, { key, row }] of [...folded].sort(byText)) {
    if (row !== undefined) (before.has(text) ? changed : added).push(columns.rowJson({ key, row } satisfies KeyedRow));
    else if (before.has(text)) deleted.push(columns.keyJson(key));
  }
  const from = `json_to_recordset($1::text::json) as x(${columns.recordset})`;
  if (added.length > 0) {
    await query(`insert into ${rows} (${columns.all}) select ${columns.values("x")} from ${from}`, [list(added)]);
  }
  const assignments = columns.assignments("x");
  if (changed.length > 0 && assignments !== "") {
    await query(`update ${rows} t set ${assignments} from ${from} where ${columns.sameKey("t", "x")}`, [list(changed)]);
  }
  if (deleted.length > 0) {
    const keys = `json_to_recordset($1::text::json) as x(${columns.keyRecordset})`;
    await query(`delete from ${rows} t using ${keys} where ${columns.sameKey("t", "x")}`, [list(deleted)]);
  }
};

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

const list = (json: readonly string[]): string => `[${json.join(",")}]`;

const writeSeen = async (
  query: Query,
  { names: [, streams, events] }: Table,
  { last, ids }: Batch,
  seen: Seen,
): Promise<void> => {
  const sorted = [...last].sort(byText).map(([stream, sequence]) => ({ stream, last: sequence }));
  const [known, fresh] = [
    sorted.filter(({ stream }) => seen.last.has(stream)),
    sorted.filter(({ stream }) => !seen.last.has(stream)),
  ];
  const from = "json_to_recordset($1::text::json) as x(stream text, last bigint)";
  if (fresh.length > 0) {
    await query(`insert into ${streams} (stream, last) select x.stream, x.last from ${from}`, [JSON.stringify(fresh)]);
  }
  if (known.length > 0) {
    await query(`update ${streams} s set last = x.last from ${from} where s.stream = x.stream`, [
      JSON.stringify(known),
    ]);
  }
  if (ids.size > 0) {
    await query(`insert into ${events} (id) select json_array_elements_text($1::text::json)`, [
      JSON.stringify([...ids].sort()),
    ]);
  }
};
