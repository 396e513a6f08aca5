import { entry } from "../entry.js";

/** Of aggregates: keys, topics, events with their versions, commands and scenarios. */
export const eventCodes = {
  "aggregate-key": entry(
    "error",
    (p: { readonly type: string }) => `The key of an aggregate is a uuid, a string or a named string, not ${p.type}.`,
    `The key identifies a stream of events and is the key of its messages, which is text in Pulsar. It is a \`uuid\`, a
\`string\` (with a pattern or lengths, if there are any), or a type under \`types:\` that is a string.`,
  ),
  "topic-partitions": entry(
    "error",
    (p: { readonly topic: string; readonly partitions: number; readonly other: number }) =>
      `The topic ${p.topic} cannot have ${p.partitions} partitions here and ${p.other} there.`,
    "Aggregates that name one topic share it, with its partitions. Say the number once, or the same everywhere.",
  ),
  "version-gap": entry(
    "error",
    (p: { readonly event: string; readonly missing: number; readonly highest: number }) =>
      `${p.event} has a version ${p.highest}, but no version ${p.missing}.`,
    `Versions are counted from 1 without gaps, and each is read as the one above it by its \`upcast\`: without a version in
between, what was stored before could not be read. A version that was ever released stays in the model.`,
  ),
  "upcast-missing": entry(
    "error",
    (p: { readonly event: string; readonly version: number }) =>
      `Version ${p.version} of ${p.event} does not say how version ${p.version - 1} becomes one: \`upcast\` is missing.`,
    `Events that are stored stay as they are; \`upcast\` builds this version from the version below when they are read. Fields
of the same name and a fitting type are copied, so it may be as short as \`upcast: {}\`.`,
  ),
  "like-later": entry(
    "error",
    (p: { readonly version: number; readonly like: number }) =>
      `Version ${p.version} cannot be like version ${p.like}: a version is like an earlier one.`,
    "`like: 1` starts from the fields of version 1; `fields` then add or replace and `without` removes. Only versions below can be named.",
  ),
  "event-retired": entry(
    "error",
    (p: { readonly event: string; readonly where: string }) => `${p.event} is retired, so it ${p.where}.`,
    `A retired event is no longer emitted, and a stored one is read as what its \`becomes\` says. Commands, scenarios, consumers
and projections name the events that it becomes.`,
  ),
  "becomes-cycle": entry(
    "error",
    (p: { readonly cycle: readonly string[] }) =>
      `${p.cycle[0]} becomes itself in the end, so a stored one could never be read: ${p.cycle.join(" → ")}.`,
    "A retired event may become another retired one, which is then read on as what that one becomes. The way has to end at events that are not retired, or at nothing.",
  ),
  "function-conflict": entry(
    "error",
    (p: { readonly name: string }) => `The function ${p.name} is used with other types than before.`,
    `A name in \`by:\` is one function that you write, with one type of what it gets and one of what it returns. Uses that
differ need functions of different names.`,
  ),
  "scenario-data": entry(
    "error",
    (p: { readonly name: string; readonly problem: string }) => `This is not data of ${p.name}: ${p.problem}.`,
    `A scenario gives events in their current version and a command with its data, as a value in JSON: decimals and times are
texts ("10.00", 2026-01-05T10:00:00Z), bytes are base64.`,
  ),
  "scenario-not-emitted": entry(
    "error",
    (p: { readonly event: string; readonly command: string }) =>
      `${p.command} does not emit ${p.event}: it is not listed in its \`emits\`.`,
    "A scenario shows what a command leads to, and `emits` lists all that it can lead to. Add the event there, or expect another one.",
  ),
};
