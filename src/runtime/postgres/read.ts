import type { AnyRow } from "../apply-change.js";
import type { PagePlan } from "../page.js";
import type { KeyedRow } from "../store.js";
import type { Query } from "./database.js";
import type { Table } from "./write-batch.js";

/** The row of a key. */
export const readRow = async (query: Query, table: Table, key: AnyRow): Promise<AnyRow | undefined> => {
  const { names, columns, projection } = table;
  const statement = startOf();
  const tests = projection.key.map((field) => statement.equals(table, field, key[field]));
  const [row] = await query(
    `select ${columns.selected("t")} from ${names[0]} t where ${tests.join(" and ")}`,
    statement.values,
  );
  return row === undefined ? undefined : columns.read(row).row;
};

/** Rows in the order of a plan, one more than its page has where there are more. */
export const readPage = async (query: Query, table: Table, plan: PagePlan): Promise<readonly KeyedRow[]> => {
  const { names, columns } = table;
  const statement = startOf();
  const tests = plan.equals.map(([field, value]) => statement.equals(table, field, value));
  if (plan.after !== undefined) tests.push(beyond(table, plan.order, plan.after, statement));
  const where = tests.length === 0 ? "" : ` where ${tests.join(" and ")}`;
  const order = plan.order.map((field) => `t.${columns.column(field)}`).join(", ");
  const rows = await query(
    `select ${columns.selected("t")} from ${names[0]} t${where} order by ${order} limit ${plan.limit + 1}`,
    statement.values,
  );
  return rows.map(columns.read);
};

interface Statement {
  readonly values: (string | null)[];
  readonly equals: (table: Table, field: string, value: unknown) => string;
  readonly parameter: (table: Table, field: string, value: unknown) => string;
}

const startOf = (): Statement => {
  const values: (string | null)[] = [];
  const parameter: Statement["parameter"] = ({ columns }, field, value) =>
    `$${values.push(columns.parameter(value))}::text::${columns.type(field)}`;
  return {
    values,
    parameter,
    equals: (table, field, value) =>
      value === undefined
        ? `t.${table.columns.column(field)} is null`
        : `t.${table.columns.column(field)} = ${parameter(table, field, value)}`,
  };
};

/** Beyond some values in an order in which nothing comes last. As one comparison of rows an index can be entered there. */
const beyond = (table: Table, order: readonly string[], after: readonly unknown[], statement: Statement): string => {
  const { columns, projection } = table;
  const name = (field: string) => `t.${columns.column(field)}`;
  if (order.every((field) => projection.columns[field]?.optional === undefined)) {
    const values = order.map((field, at) => statement.parameter(table, field, after[at]));
    return `(${order.map(name).join(", ")}) > (${values.join(", ")})`;
  }
  const alternatives = order.flatMap((field, at) => {
    const value = after[at];
    if (value === undefined) return [];
    const same = order.slice(0, at).map((one, index) => statement.equals(table, one, after[index]));
    const greater = `${name(field)} > ${statement.parameter(table, field, value)}`;
    const optional = projection.columns[field]?.optional === true;
    return [[...same, optional ? `(${greater} or ${name(field)} is null)` : greater].join(" and ")];
  });
  return `(${alternatives.join(" or ")})`;
};
