import { didYouMean, entry } from "../entry.js";

/** Of Pulsar's settings, times and sizes, and what is generated. */
export const settingCodes = {
  "pulsar-name": entry(
    "error",
    (p: { readonly what: string; readonly name: string; readonly problem: string }) =>
      `"${p.name.slice(0, 80)}" cannot be the name of a ${p.what} in Pulsar: ${p.problem}.`,
    `Tenants, namespaces, topics, subscriptions and clusters in Pulsar are named with letters, digits, and \`- = : . _\`; evgen
also wants a letter, digit or underscore first, at least one letter or digit, and at most 100 characters. A topic has
no colon, since files are named after it; it does not end in \`-partition-1\`, which is how Pulsar names partitions, nor
start with two underscores, which is how it names its own topics.`,
  ),
  "setting-value": entry(
    "error",
    (p: { readonly setting: string; readonly value: string; readonly problem: string }) =>
      `\`${p.setting}\`: ${p.value} ${p.problem}.`,
    `A time is a whole number with ms, s, m, h, d or w (\`30d\`); a size a whole number with K, M, G or T (\`50G\`, powers of 1024).
A backoff is the first wait and the longest (\`1s..1m\`), at most a day. Retention is at least a minute or a mebibyte and fits
in 32 bits of minutes and mebibytes; less than that is no retention at all, which would lose events. The functions that
\`evgen verify\` runs are in a module inside the model's folder, named relative to it: \`src/upcasters.ts\`.`,
  ),
  "backlog-quota": entry(
    "error",
    (p: { readonly limit: string }) =>
      `The backlog quota's ${p.limit} has to be less than the ${p.limit} of the retention; the broker refuses it otherwise.`,
    "What may wait for a slow subscription is part of what is kept, so Pulsar wants the limit of the backlog below that of the retention.",
  ),
  "compatibility-growth": entry(
    "warning",
    (p: { readonly strategy: string }) =>
      `With \`compatibility: ${p.strategy}\` the broker will refuse the next event and the next version.`,
    `Each new event or version appends a branch to the schema of its topic. Readers of before do not know it, so the strategies
forward and full refuse it. backward-transitive accepts it and still makes sure that everything stored can be read.`,
  ),
  "persistence-order": entry(
    "error",
    (p: { readonly more: string; readonly than: string }) => `\`${p.more}\` cannot be more than \`${p.than}\`.`,
    `A message is written to as many bookies as \`writeQuorum\` says, out of the \`ensemble\` that the topic is spread over, and
counts as sent when \`ackQuorum\` of them have it on disk: ensemble ≥ writeQuorum ≥ ackQuorum. 3, 3 and 2 is usual.`,
  ),
  "environment-topic": entry(
    "error",
    (p: { readonly name: string; readonly suggestion: string | undefined }) =>
      `The model has no topic called "${p.name.slice(0, 80)}".${didYouMean(p.suggestion)}`,
    "`partitions` of an environment is a number for all topics, or numbers by the names of topics, which are those that the aggregates have.",
  ),
  "environment-clash": entry(
    "error",
    (p: { readonly one: string; readonly other: string; readonly namespace: string }) =>
      `The environments ${p.other} and ${p.one} are one and the same: namespace ${p.namespace} on the same broker.`,
    `What one environment provisions the other would change back. Give each a tenant or a namespace of its own, or an admin
URL of its own.`,
  ),
  "environment-tls": entry(
    "error",
    (p: { readonly has: string; readonly lacks: string }) => `\`tls\` has \`${p.has}\` and no \`${p.lacks}\`.`,
    "A client certificate logs in with its key: `cert` and `key` come together.",
  ),
  "output-folder": entry(
    "error",
    (p: { readonly out: string; readonly problem: string }) =>
      `"${p.out.slice(0, 80)}" cannot be the output folder: it ${p.problem}.`,
    "`generate.out` is a folder of its own inside the model's folder, named relative to it with forward slashes: `generated`. Nothing is ever written anywhere else.",
  ),
};
