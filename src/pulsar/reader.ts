import type { Admin } from "./admin.js";

/** Reads what a broker holds, each path once; what was read stays as it was, so a new look needs a new reader. */
export interface Reader {
  readonly admin: Admin;
  readonly find: <T>(path: string) => Promise<T | undefined>;
}

export const createReader = (admin: Admin): Reader => {
  const seen = new Map<string, Promise<unknown>>();
  return {
    admin,
    find: <T>(path: string) => {
      const known = seen.get(path) ?? admin.find<T>(path);
      seen.set(path, known);
      return known as Promise<T | undefined>;
    },
  };
};
