import type { Hindrance } from "../retrying.js";

/** The server takes nothing now: it is busy, its disk is full, a shard is not there. What it took before stays. */
export class ServerBusy extends Error {
  override readonly name = "ServerBusy";
}

/** What kept a request from being answered: the connection, the server, or what was asked. */
export const hindranceOf = (error: unknown): Hindrance => {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ServerBusy || connectionErrors.has(error.name)) return "server";
  // The errors of both clients for an answer that is no success.
  const { statusCode } = error as Error & { readonly statusCode?: unknown };
  return statusCode === 429 || (typeof statusCode === "number" && statusCode >= 500) ? "server" : undefined;
};

const connectionErrors: ReadonlySet<string> = new Set(["ConnectionError", "NoLivingConnectionsError", "TimeoutError"]);
