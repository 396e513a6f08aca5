import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with { type: "json" };
import { Ajv } from "ajv";

const { $schema: _, id, ...schema } = sarifSchema;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
ajv.addFormat("uri", /^[a-z][a-z0-9+.-]*:[\w./?#%~!$&'()*+,;=:@-]+$/i);
ajv.addFormat("uri-reference", /^(?:[\w./?#~!$&'()*+,;=:@-]|%[0-9A-F]{2})*$/i);
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT/);
const isValid = ajv.compile({ ...schema, $id: id });

/** What keeps a value from being a log of SARIF 2.1.0, by the schema of its makers; empty when it is one. */
export const sarifErrors = (value: unknown): string => (isValid(value) ? "" : JSON.stringify(isValid.errors));

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string; readonly partialFingerprints: Record<string, string> }[];
  }[];
}

/** Rules and fingerprints of the results in a log, which must be one of SARIF. */
export const sarifResults = (text: string): readonly string[] => {
  const log = JSON.parse(text) as Sarif;
  const errors = sarifErrors(log);
  if (errors !== "") throw new Error(`it is no SARIF: ${errors}`);
  return log.runs.flatMap(({ results }) =>
    results.map((one) => `${one.ruleId} ${one.partialFingerprints["evgenFinding/v1"]}`),
  );
};
