import { catalogue } from "../../diagnostics/catalogue.js";
import { visible } from "../../diagnostics/visible.js";
import { packageManifest } from "../package-manifest.js";
import { repositoryPrefix } from "../repository.js";
import { fullText } from "./details.js";
import type { Located, Spot } from "./located.js";
import { locateFindings } from "./located.js";
import type { FindingReport } from "./print-findings.js";

/**
 * Findings as SARIF 2.1.0, for code scanning. Files are relative to the top of the repository, `%SRCROOT%`. Fingerprints
 * are those of the findings, so an alert stays the same one when lines move.
 */
export const sarifOf = ({ command, results }: FindingReport): string => {
  const located = results.flatMap((one) => locateFindings(one, repositoryPrefix(one.model)));
  const rules = [...new Set(located.map(({ rule }) => rule))].sort();
  const run = {
    tool: { driver: { name: "evgen", semanticVersion: packageManifest().version, rules: rules.map(ruleOf) } },
    automationDetails: { id: `evgen/${command}/` },
    originalUriBaseIds: { "%SRCROOT%": { description: { text: "The top of the repository." } } },
    columnKind: "utf16CodeUnits",
    results: located.map((one) => resultOf(one, rules)),
  };
  const log = { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
  return `${JSON.stringify(log, undefined, 2)}\n`;
};

const ruleOf = (rule: Located["rule"]) => {
  const { explanation, severity } = catalogue[rule];
  const text = explanation.replaceAll("`", "");
  return {
    id: rule,
    shortDescription: { text: firstSentence(text) },
    fullDescription: { text },
    help: { text: `${text}\n\nevgen explain ${rule}`, markdown: `${explanation}\n\n\`evgen explain ${rule}\`` },
    defaultConfiguration: { level: levels[severity] },
  };
};

const firstSentence = (text: string): string =>
  (/^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0] ?? text).replace(/\s+/g, " ").replace(/:$/, ".");

const levels = { error: "error", warning: "warning", info: "note", off: "none" } as const;

const resultOf = (one: Located, rules: readonly string[]) => ({
  ruleId: one.rule,
  ruleIndex: rules.indexOf(one.rule),
  level: levels[one.level],
  message: { text: fullText(one) },
  locations: [
    {
      physicalLocation: physical(one.at),
      ...(one.subject.length === 0
        ? {}
        : { logicalLocations: [{ fullyQualifiedName: one.subject.map(visible).join("."), kind: "member" }] }),
    },
  ],
  ...withRelated(one),
  // The second one is the only one that GitHub compares.
  partialFingerprints: { "evgenFinding/v1": one.fingerprint, primaryLocationLineHash: `${one.fingerprint}:1` },
  ...suppressionsOf(one),
  ...fixesOf(one),
  properties: {
    ...(one.verdict === undefined ? {} : { verdict: one.verdict }),
    ...(one.chain === undefined ? {} : { chain: one.chain }),
    projections: one.affected.projections,
    consumers: one.affected.consumers,
  },
});

const withRelated = ({ base, related }: Located) => {
  const places = [...(base?.at === undefined ? [] : [{ message: `The base, ${base.name}`, at: base.at }]), ...related];
  return places.length === 0
    ? {}
    : {
        relatedLocations: places.map(({ message, at }, index) => ({
          id: index + 1,
          physicalLocation: physical(at),
          message: { text: visible(message) },
        })),
      };
};

const suppressionsOf = ({ accepted, verdict }: Located) =>
  accepted === undefined
    ? {}
    : {
        suppressions: [
          // A reason of lint stands at the place; a break is accepted beside the model.
          {
            kind: verdict === undefined ? "inSource" : "external",
            status: "accepted",
            justification: visible(accepted),
          },
        ],
      };

const fixesOf = ({ fix }: Located) => {
  if (fix?.at.location === undefined) return {};
  const { artifactLocation, region } = physical(fix.at);
  const replacements = [{ deletedRegion: region, insertedContent: { text: fix.text } }];
  return {
    fixes: [
      { description: { text: `Write ${visible(fix.text)}.` }, artifactChanges: [{ artifactLocation, replacements }] },
    ],
  };
};

const physical = ({ file, location }: Spot) => ({
  artifactLocation: { uri: file.toWellFormed().split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" },
  ...(location === undefined
    ? {}
    : {
        region: {
          startLine: location.start.line,
          startColumn: location.start.column,
          endLine: location.end.line,
          endColumn: location.end.column,
        },
      }),
});
