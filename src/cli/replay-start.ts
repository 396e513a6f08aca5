import { visible } from "../diagnostics/visible.js";
import type { Start } from "../pulsar/replay.js";
import { parseDuration } from "./duration.js";
import { wrongUse } from "./failure.js";

/** Reads `earliest`, a time of RFC 3339, how long ago (`2h`), or a message id as the clients of Pulsar print it. */
export const parseStart = (text: string, now: number): Start => {
  if (text === "earliest") return { kind: "time", time: 0 };
  const ago = parseDuration(text);
  if (ago !== undefined) return { kind: "time", time: Math.max(0, now - ago) };
  const id = /^(\d{1,15})([:,])(\d{1,15})(?:\2-?\d{1,9}){0,2}$/.exec(text.replace(/^\((.*)\)$/, "$1"));
  if (id !== null) return { kind: "message", position: { ledger: Number(id[1]), entry: Number(id[3]) } };
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time))
    throw wrongUse(
      `--from ${visible(text)} is no position. It is earliest, a time with its zone (2026-01-05T10:00:00Z), how long ago (2h), or a message id (ledger:entry).`,
    );
  if (time > now) throw wrongUse(`--from ${text} lies in the future: nothing would be read again.`);
  return { kind: "time", time };
};
