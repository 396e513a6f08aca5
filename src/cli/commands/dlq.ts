import { visible } from "../../diagnostics/visible.js";
import type { ParkedEvent, RedriveProgress } from "../../runtime/dead-letters.js";
import { type Desk, type DeskOptions, openDesk, type Reader } from "../dead-letter-desk.js";
import { byKey, counted, eventJson, eventText, keysTable } from "../dead-letter-text.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { createPayloadReader } from "../read-payload.js";
import { createReport, type Report } from "../report.js";

interface Options extends DeskOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen dlq list`: what is parked, by key. */
export const list = (named: string | undefined, options: Options): Promise<ExitCode> =>
  withDesk(named, options, async (desk, report) => {
    const found = [];
    for (const reader of desk.readers) found.push({ reader, drawer: await desk.open(reader, false) });
    if (options.json === true) {
      const consumers = found.map(({ reader: { name, url }, drawer }) => ({
        name,
        topic: url,
        there: drawer !== undefined,
        processes: drawer?.processes ?? 0,
        parkedEvents: drawer?.parked.length ?? 0,
        parkedKeys: byKey(drawer?.parked ?? []).size,
        events: (drawer?.parked ?? []).map(eventJson),
      }));
      report.data(json({ format: "evgen-dlq", version: 1, consumers }));
      return exitCode.done;
    }
    const texts = found.map(({ reader: { name, url }, drawer }) => {
      const topic = visible(url);
      if (drawer === undefined) return `${name}: there is no ${topic}\n`;
      const connected = `${drawer.processes} ${drawer.processes === 1 ? "process is" : "processes are"} connected`;
      if (drawer.parked.length === 0) return `${name}: nothing is parked in ${topic}; ${connected}\n`;
      const table = keysTable(drawer.parked, report.colours.stdout);
      return `${name}: ${counted(drawer.parked)} parked in ${topic}; ${connected}\n\n${table}`;
    });
    report.data(texts.join("\n"));
    return exitCode.done;
  });

interface Selection extends Options {
  readonly key?: readonly string[];
  readonly event?: readonly string[];
}

/** `evgen dlq show`: parked events with all that is in them. */
export const show = (named: string, options: Selection & { readonly limit?: string }): Promise<ExitCode> => {
  const { key, event, limit } = options;
  if (key === undefined && event === undefined)
    throw wrongUse("Which events? Say --key <key> or --event <id>, as evgen dlq list prints them.");
  const most = limit === undefined ? Number.POSITIVE_INFINITY : numberOf(limit);
  return withDesk(named, options, async (desk, report) => {
    const [reader] = desk.readers;
    const drawer = reader === undefined ? undefined : await desk.open(reader, true);
    const wanted = (drawer?.parked ?? []).filter((one) => key?.includes(one.key) === true || isNamed(one, event));
    const read = createPayloadReader(desk.model);
    const events = [];
    const texts = [];
    for (const one of wanted.slice(0, most)) {
      const { message } = one;
      if (message === undefined) continue;
      const payload = await read(one, message);
      if (options.json === true)
        events.push({ ...eventJson(one), properties: { ...message.getProperties() }, ...payload });
      else texts.push(eventText(one, message, payload));
    }
    report.data(
      options.json === true
        ? json({ format: "evgen-dlq-events", version: 1, consumer: reader?.name, events })
        : texts.join("\n"),
    );
    if (wanted.length > 0) return exitCode.done;
    report.problem(nothing);
    return exitCode.findings;
  });
};

interface RedriveOptions extends Selection {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: string;
}

/** `evgen dlq redrive`: asks the processes of a consumer to handle parked events again. */
export const redrive = (named: string, options: RedriveOptions): Promise<ExitCode> => {
  const { key, event, all, dryRun = false } = options;
  if (key === undefined && event === undefined && all !== true)
    throw wrongUse("Which events? Say --key <key>, --event <id>, or --all.");
  const seconds = secondsOf(options.wait ?? "60s");
  return withDesk(named, options, async (desk, report) => {
    const [reader] = desk.readers;
    const drawer = reader === undefined ? undefined : await desk.open(reader, false);
    const parked = drawer?.parked ?? [];
    const chosen = all === true ? parked : ofKeys(parked, key, event);
    const keys = [...byKey(chosen).keys()];
    const result = (more: object) => {
      const { name, url } = reader ?? {};
      const base = { consumer: name, topic: url, keys, events: chosen.length, dryRun };
      if (options.json === true) report.data(json({ format: "evgen-dlq-redrive", version: 1, ...base, ...more }));
    };
    if (reader === undefined || drawer === undefined || chosen.length === 0) {
      result({ requested: false });
      report.problem(nothing);
      return exitCode.findings;
    }
    if (dryRun) {
      result({ requested: false });
      if (options.json !== true) report.data(keysTable(chosen, report.colours.stdout));
      report.note(`${counted(chosen)} parked and would be handled again.\n`);
      return exitCode.done;
    }
    if (drawer.processes === 0)
      report.note(`No process of ${reader.name} is connected. The request waits in the topic until one is.\n`);
    const signal = AbortSignal.timeout(seconds * 1000);
    const progress = await drawer.redrive({ ...(all === true ? {} : { keys }), signal });
    result({ requested: true, ...progress });
    return say(report, reader, progress, seconds);
  });
};

const say = (report: Report, { name }: Reader, progress: RedriveProgress, seconds: number): ExitCode => {
  const { taken, done, resolved, failed } = progress;
  const handled = `${resolved} ${resolved === 1 ? "event was" : "events were"} handled`;
  if (!taken) {
    report.problem(
      `No process of ${name} has answered within ${seconds} s. The request stays in the topic: it is done as soon as one runs.\n`,
    );
    return exitCode.findings;
  }
  if (!done) {
    report.problem(`After ${seconds} s it is not done, and goes on: ${handled}. evgen dlq list says what is left.\n`);
    return exitCode.findings;
  }
  if (failed === 0) {
    report.note(`${handled}.\n`);
    return exitCode.done;
  }
  const stay = failed === 1 ? "1 key has failed again and stays" : `${failed} keys have failed again and stay`;
  report.problem(`${handled}; ${stay} parked. evgen dlq list ${name} says why.\n`);
  return exitCode.findings;
};

const withDesk = async (
  named: string | undefined,
  options: Options,
  work: (desk: Desk, report: Report) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  const desk = await openDesk(named, options);
  if (desk.kind === "findings") {
    report.problem(report.colours.stderr ? desk.findings.coloured : desk.findings.plain);
    return exitCode.findings;
  }
  try {
    return await work(desk, report);
  } finally {
    await desk.close();
  }
};

const nothing = "No such event is parked.\n";

/** Events of the keys, and of the keys of the events: they are handled in order, so one brings all of its key along. */
const ofKeys = (
  parked: readonly ParkedEvent[],
  keys: readonly string[] = [],
  ids: readonly string[] | undefined,
): readonly ParkedEvent[] => {
  const wanted = new Set(keys);
  for (const one of parked) if (isNamed(one, ids)) wanted.add(one.key);
  return parked.filter((one) => wanted.has(one.key));
};

const isNamed = ({ event }: ParkedEvent, ids: readonly string[] | undefined): boolean =>
  event.id !== undefined && ids?.includes(event.id) === true;

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

const numberOf = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw wrongUse(`--limit ${visible(text)} is no number from 1 on.`);
};

const secondsOf = (text: string): number => {
  const [, number, unit] = /^(\d{1,4})(s|m|h)$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === "s" ? 1 : unit === "m" ? 60 : 3600);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw wrongUse(`--wait ${visible(text)} is no time up to a day. It is like 30s, 5m or 1h.`);
};
