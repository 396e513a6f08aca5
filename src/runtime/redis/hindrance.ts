import type { Hindrance } from "../retrying.js";

/** What kept a script from being run: the connection, the server, or the script itself. */
export const hindranceOf = (error: unknown): Hindrance => {
  if (!(error instanceof Error)) return undefined;
  const { code, name, message } = error as Error & { readonly code?: unknown };
  if (typeof code === "string" && networkErrors.has(code)) return "server";
  // The classes of the package, which is not loaded here.
  if (connectionErrors.has(error.constructor.name) || connectionErrors.has(name)) return "server";
  return unable.test(message) ? "server" : undefined;
};

const networkErrors: ReadonlySet<string> = new Set(
  "ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ENOENT".split(" "),
);

const connectionErrors: ReadonlySet<string> = new Set([
  ...["SocketClosedUnexpectedlyError", "SocketTimeoutError", "ConnectionTimeoutError", "DisconnectsClientError"],
  ...["ClientOfflineError", "CommandTimeoutDuringMaintenanceError", "SocketTimeoutDuringMaintenanceError"],
]);

/** It starts, changes its master, has no memory or disk left, or runs something else. It has written nothing then. */
const unable =
  /^(?:LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|UNBLOCKED|Socket closed unexpectedly|(?:ERR )?OOM)/;
