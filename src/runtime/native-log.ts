/** A line that the official client has logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** The last warnings and errors of the official client, which has one log for all its clients. */
export interface ClientLog {
  /** A number that grows with each line. */
  readonly now: () => number;
  /** What was logged since then. */
  readonly since: (then: number) => readonly string[];
  readonly tell: (line: LogLine) => void;
}

interface WithHandler {
  readonly Client: {
    setLogHandler?(handler: (level: number, file: string, line: number, message: string) => void): void;
  };
}

const logs = new WeakMap<object, { readonly log: ClientLog; readonly listeners: Set<(line: LogLine) => void> }>();
const levels = ["debug", "info", "warn", "error"] as const;
const kept = 200;

/** Takes the client's log, once for a module; without it the client tells nobody why something was refused. */
export const logOf = (pulsar: object, onLog: ((line: LogLine) => void) | undefined): ClientLog => {
  let known = logs.get(pulsar);
  if (known === undefined) {
    const lines: string[] = [];
    let count = 0;
    const listeners = new Set<(line: LogLine) => void>();
    const tell = (line: LogLine) => {
      for (const listener of listeners) listener(line);
    };
    (pulsar as WithHandler).Client.setLogHandler?.((number, file, line, message) => {
      const level = levels[number] ?? "info";
      if (level === "warn" || level === "error") {
        lines.push(message);
        count++;
        if (lines.length > kept) lines.shift();
      }
      tell({ level, file, line, message });
    });
    const log = {
      now: () => count,
      since: (then: number) => lines.slice(Math.max(0, lines.length - (count - then))),
      tell,
    };
    known = { log, listeners };
    logs.set(pulsar, known);
  }
  if (onLog !== undefined) known.listeners.add(onLog);
  return known.log;
};

/** Why the broker has refused something on a topic, from the lines about it; a line that names the topic goes before. */
export const reasonIn = (lines: readonly string[], result: string, topic: string): string | undefined => {
  const about = lines.filter((line) => line.includes(result.replace(/^Result/, "")));
  const line = about.findLast((one) => one.includes(topic) && /[({]|reason|msg/.test(one)) ?? about.at(-1);
  if (line === undefined) return undefined;
  const quoted = /Received error response from server: \w+ \((.*)\) -- req_id/s.exec(line)?.[1];
  const reason = quoted ?? line.replace(/^\[[^\]]*\]\s*(\[[^\]]*\]\s*)*/, "");
  return reason
    .replace(/ caused by .*$/s, "")
    .replace(/^((org|java)\.[\w.$]+(Exception|Error): )+/, "")
    .trim();
};
