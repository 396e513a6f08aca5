import { StoreMismatch, UnknownTarget } from "../errors.js";
import type { AnyProjection, StoredTarget } from "../store.js";
import { type StoredShape, shapeDifferences } from "../store-shape.js";
import type { Database, Query } from "./database.js";
import { liveView, type Relation, tableNames, targetIndexes, targetRow, targetsTable, targetTables } from "./ddl.js";

/** Makes what is missing of a target, and says what its rows were begun for. */
export const makeTarget = async (
  database: Database,
  projection: AnyProjection,
  target: string,
  schema: string | undefined,
): Promise<string> => {
  const targets = targetsTable(schema);
  const indexes = targetIndexes(projection, target, schema);
  const known = async (query: Query) => {
    if (!(await isThere(query, targets))) return undefined;
    const sql = `select fingerprint, shape::text as shape from ${targets.name} where target = $1::text`;
    const [row] = await query(sql, [target]);
    if (row === undefined) return undefined;
    const differences = shapeDifferences(JSON.parse(row["shape"] ?? "{}") as StoredShape, projection);
    if (differences.length > 0) throw new StoreMismatch(target, differences);
    return row["fingerprint"] ?? "";
  };
  // Without a word to the database that would need a right to make tables, where all is there.
  const before = await known(database.query);
  const missing = before === undefined ? indexes : await missingOf(database.query, indexes);
  if (before !== undefined && missing.length === 0) return before;
  return database.transaction(async (query) => {
    await lock(query, schema);
    await make(query, [targets]);
    const there = await known(query);
    if (there === undefined) {
      const tables = targetTables(projection, target, schema);
      const live = (await readTargets({ query }, projection.table, schema)).some((one) => one.live);
      const view = live ? undefined : liveView(projection.table, target, schema);
      for (const one of [...tables, ...(view === undefined ? [] : [view])]) {
        if (!(await isThere(query, one))) continue;
        throw new StoreMismatch(target, [`there is something called ${one.name} already, which evgen has not made`]);
      }
      await make(query, tables);
      await query(targetRow(projection, target, schema));
      if (view !== undefined) await query(view.create);
    }
    await make(query, indexes);
    return there ?? projection.fingerprint;
  });
};

/** Every copy of the rows of a table, the oldest first. */
export const readTargets = async (
  { query }: Pick<Database, "query">,
  table: string,
  schema: string | undefined,
): Promise<readonly StoredTarget[]> => {
  const targets = targetsTable(schema);
  if (!(await isThere(query, targets))) return [];
  const found = await query(
    `select target, projection, fingerprint, live::text as live from ${targets.name} where "table" = $1::text order by made, target`,
    [table],
  );
  return found.map(({ target, projection, fingerprint, live }) => ({
    ...{ target: target ?? "", projection: projection ?? "", fingerprint: fingerprint ?? "" },
    live: live === "true",
  }));
};

/** Makes a copy the one that the view of its table shows. */
export const promoteTarget = (
  database: Database,
  table: string,
  target: string,
  schema: string | undefined,
): Promise<void> =>
  database.transaction(async (query) => {
    await lock(query, schema);
    const targets = await readTargets({ query }, table, schema);
    const found = targets.find((one) => one.target === target);
    if (found === undefined) throw new UnknownTarget(table, target);
    if (found.live) return;
    await query(`update ${targetsTable(schema).name} set live = (target = $2::text) where "table" = $1::text`, [
      table,
      target,
    ]);
    const view = liveView(table, target, schema);
    const grants = (await isThere(query, view)) ? await grantsOn(query, view.name) : [];
    // Not `create or replace`, which takes other columns only behind those that there are.
    await query(`drop view if exists ${view.name}`);
    await query(view.create);
    for (const grant of grants) await query(grant);
  });

/** Who else may do what with a view, as statements that say it again. */
const grantsOn = async (query: Query, view: string): Promise<readonly string[]> => {
  const found = await query(
    `select format('grant %s on %s to %s%s', acl.privilege_type, $1::text,
  case when acl.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
  case when acl.is_grantable then ' with grant option' else '' end) as "grant"
from pg_class, aclexplode(relacl) as acl where oid = to_regclass($1::text) and acl.grantee <> relowner`,
    [view],
  );
  return found.map((row) => row["grant"] ?? "");
};

/** Removes a copy with its view, where it is the live one. */
export const dropTarget = (
  database: Database,
  table: string,
  target: string,
  schema: string | undefined,
): Promise<void> =>
  database.transaction(async (query) => {
    await lock(query, schema);
    const found = (await readTargets({ query }, table, schema)).find((one) => one.target === target);
    if (found === undefined) return;
    if (found.live) await query(`drop view if exists ${liveView(table, target, schema).name}`);
    for (const name of tableNames(target, schema)) await query(`drop table if exists ${name}`);
    await query(`delete from ${targetsTable(schema).name} where target = $1::text`, [target]);
  });

/** One at a time makes and drops tables. */
const lock = (query: Query, schema: string | undefined) =>
  query("select pg_advisory_xact_lock(hashtextextended($1::text, 0))", [`evgen ${schema ?? ""}`]);

const make = async (query: Query, relations: readonly Relation[]): Promise<void> => {
  for (const { create } of await missingOf(query, relations)) await query(create);
};

const missingOf = async (query: Query, relations: readonly Relation[]): Promise<readonly Relation[]> => {
  const missing: Relation[] = [];
  for (const one of relations) if (!(await isThere(query, one))) missing.push(one);
  return missing;
};

const isThere = async (query: Query, { name }: Relation): Promise<boolean> => {
  const [row] = await query("select to_regclass($1::text)::text as name", [name]);
  return row?.["name"] !== null && row?.["name"] !== undefined;
};
