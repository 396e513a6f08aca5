import { compile } from "../compile.js";
import { visible } from "../diagnostics/visible.js";
import type { Lock } from "../evolution/lock/read-lock.js";
import type { Consumer, Environment, Model, Projection } from "../model/model.js";
import { type Admin, createAdmin } from "../pulsar/admin.js";
import { type Consents, consentForms, parseConsents } from "../pulsar/consents.js";
import { type DesiredState, desiredState } from "../pulsar/desired.js";
import { type ConnectionOptions, connectionOf } from "./connection.js";
import { wrongUse } from "./failure.js";
import { findModel, type ModelFile } from "./find-model.js";
import { describeFindings, type Findings } from "./findings.js";
import { type Released, releasedOf } from "./released-only.js";
import { diskSources } from "./sources.js";

/** What the commands that work on a broker have in common. */
export interface ProvisioningOptions extends ConnectionOptions {
  readonly env?: string;
  readonly drafts?: boolean;
  readonly skipTenant?: boolean;
  readonly allow?: readonly string[];
}

/** A model, a broker, and what the one wants of the other. */
export interface Provisioning {
  readonly kind: "ready";
  readonly file: ModelFile;
  readonly model: Model;
  readonly environment?: Environment;
  readonly admin: Admin;
  readonly desired: DesiredState;
  /** Names of versions that are drafts and were left out. */
  readonly drafts: readonly string[];
  readonly consents: Consents;
  /** Warnings about the model. */
  readonly findings: Findings;
}

/** Reads the model and finds the broker; findings when the model cannot be provisioned. No call has been made yet. */
export const prepareProvisioning = async (
  named: string | undefined,
  options: ProvisioningOptions,
): Promise<Provisioning | { readonly kind: "findings"; readonly file: ModelFile; readonly findings: Findings }> => {
  const { consents, wrong } = parseConsents(options.allow ?? []);
  if (wrong[0] !== undefined)
    throw wrongUse(`--allow ${visible(wrong[0])} allows nothing. It takes ${consentForms.join(", ")}.`);
  const file = findModel(named);
  const sources = diskSources(file.folder);
  const compiled = await compile(file.entry, sources);
  const { model, lock } = compiled;
  const environment = model === undefined ? undefined : environmentOf(model, options);
  const released: Released =
    model === undefined || takesDrafts(environment, lock, options)
      ? { diagnostics: [], drafts: [] }
      : releasedOf(model, file.entry, lock, environment);
  const diagnostics = [...compiled.diagnostics, ...released.diagnostics];
  const findings = await describeFindings(diagnostics, sources.read, file.prefix);
  if (model === undefined || released.diagnostics.length > 0) return { kind: "findings", file, findings };

  const admin = createAdmin(connectionOf(options, environment, file.folder));
  return {
    ...{ kind: "ready", file, model, admin, consents, findings },
    ...(environment === undefined ? {} : { environment }),
    desired: desiredState(model, environment, released.branches),
    drafts: released.drafts,
  };
};

/** The environment that was named; none where a URL is. Wrong use when the model has some and nobody says which. */
export const environmentOf = (
  model: Model,
  { env, adminUrl }: Pick<ProvisioningOptions, "env" | "adminUrl">,
): Environment | undefined => {
  const names = model.environments.map((one) => one.name);
  if (env === undefined) {
    if (names.length === 0 || adminUrl !== undefined) return undefined;
    throw wrongUse(`Which environment? --env ${names.join(", --env ")}; or say --admin-url for none of them.`);
  }
  const environment = model.environments.find((one) => one.name === env);
  if (environment !== undefined) return environment;
  const known = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
  throw wrongUse(`The model has no environment "${visible(env)}". ${known}`);
};

/** Where no environment says, drafts are taken as long as nothing has been released. */
const takesDrafts = (
  environment: Environment | undefined,
  lock: Lock | undefined,
  { drafts }: ProvisioningOptions,
): boolean => drafts === true || (environment?.drafts ?? lock === undefined);

/** The projection or consumer of a name, or of the name of its subscription. */
export const findReader = (model: Model, name: string): Projection | Consumer => {
  const readers = [...model.projections, ...model.consumers];
  const found = readers.find((reader) => reader.name === name || reader.subscription.name === name);
  if (found !== undefined) return found;
  const known = readers.map((reader) => reader.name);
  throw wrongUse(
    `The model has no projection or consumer "${visible(name)}". ${known.length === 0 ? "It has none." : `It has ${known.join(", ")}.`}`,
  );
};
