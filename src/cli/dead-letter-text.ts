import { visible } from "../diagnostics/visible.js";
import type { ParkedEvent } from "../runtime/dead-letters.js";
import type { Message } from "../runtime/transport.js";
import type { Payload } from "./read-payload.js";
import { paint } from "./report.js";

/** Parked events by their keys, in the order in which the keys were parked. */
export const byKey = (events: readonly ParkedEvent[]): ReadonlyMap<string, readonly ParkedEvent[]> => {
  const keys = new Map<string, ParkedEvent[]>();
  for (const event of events) {
    const known = keys.get(event.key);
    if (known === undefined) keys.set(event.key, [event]);
    else known.push(event);
  }
  return keys;
};

/** `3 events of 2 keys are`. */
export const counted = (events: readonly ParkedEvent[]): string => {
  const keys = byKey(events).size;
  const of = `of ${keys} ${keys === 1 ? "key" : "keys"}`;
  return events.length === 1 ? `1 event ${of} is` : `${events.length} events ${of} are`;
};

/** A line for each key: how many are parked, and the first of them, which is what is wrong. */
export const keysTable = (events: readonly ParkedEvent[], colours: boolean): string => {
  const head = ["key", "events", "first event", "id", "reason", "attempts", "since", "error"];
  const rows = [...byKey(events)].map(([key, [first, ...others]]) => [
    key === "" ? "(none)" : visible(key),
    String(others.length + 1),
    first === undefined ? "" : nameOf(first),
    visible(first?.event.id ?? "-"),
    visible(first?.reason || "-"),
    String(first?.attempts || "-"),
    first?.parkedAt ?? "",
    shortened(visible(first?.redriveError ?? first?.error ?? "")),
  ]);
  const widths = head.map((cell, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), cell.length),
  );
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()}\n`;
  return paint("dim", line(head), colours) + rows.map(line).join("");
};

const nameOf = ({ event }: ParkedEvent): string =>
  event.type === undefined ? "-" : visible(`${event.type} v${event.version}`);

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);

/** An event as the JSON formats have it. */
export const eventJson = ({ message: _, ...event }: ParkedEvent) => event;

/** An event with all that is in it, for people. */
export const eventText = (event: ParkedEvent, message: Message, payload: Payload): string => {
  const { key, topic, original, reason, error, attempts, parkedAt, redriveError } = event;
  const { stored, reads = [], unreadable, base64 } = payload;
  const lines: (readonly [string, string | undefined])[] = [
    ["event", `${nameOf(event)}  ${event.event.id ?? "-"}`],
    ["key", key === "" ? "(none)" : key],
    ["reason", reason === "" ? "- (parked by Pulsar's client)" : reason],
    ["error", error === "" ? undefined : error],
    ["attempts", attempts === 0 ? undefined : String(attempts)],
    ["parked", parkedAt],
    ["redriven", redriveError],
    ["was in", topic],
    ["at", [original.messageId, original.topic, original.publishedAt].filter((part) => part !== undefined).join("  ")],
    ["header", stored === undefined ? undefined : JSON.stringify(stored.header)],
    ["stored", stored?.data === undefined ? undefined : JSON.stringify(stored.data)],
    ...reads.map(({ type, data }) => ["read as", `${type} ${JSON.stringify(data)}`] as const),
    ["unreadable", unreadable],
    ["base64", base64],
    ["properties", ""],
    ...Object.entries({ ...message.getProperties() }).map(([name, value]) => [`  ${name}`, value] as const),
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value = ""]) => `${`${visible(name).padEnd(12)}${visible(value)}`.trimEnd()}\n`)
    .join("");
};
