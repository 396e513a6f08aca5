import { createHash } from "node:crypto";
import type { KeyedRow, ProjectionRows } from "./store.js";

/** What is in the rows of a projection, whatever store they are in and in whichever order they were made. */
export interface RowsChecksum {
  readonly rows: number;
  /** 32 hexadecimal digits; the same for the same keys and rows. */
  readonly checksum: string;
}

/** Reads all rows and sums them up. While they are written to, it is the checksum of no moment in particular. */
export const checksumOf = async (rows: ProjectionRows): Promise<RowsChecksum> => {
  let count = 0;
  let sum = 0n;
  let after: string | undefined;
  do {
    const page = await rows.page({ after, limit: 1000 });
    for (const one of page.rows) sum += digestOf(one);
    count += page.rows.length;
    after = page.next;
  } while (after !== undefined);
  return { rows: count, checksum: BigInt.asUintN(128, sum).toString(16).padStart(32, "0") };
};

const digestOf = ({ key, row }: KeyedRow): bigint =>
  BigInt(
    `0x${createHash("sha256")
      .update(textOf([key, row]))
      .digest("hex")
      .slice(0, 32)}`,
  );

/** One text for one value, whatever the order of its fields. */
const textOf = (value: unknown): string => {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `b"${Buffer.from(value).toString("base64")}"`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`)
    .join(",")}}`;
};
