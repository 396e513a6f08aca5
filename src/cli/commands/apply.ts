import { apply as applyStages } from "../../pulsar/apply.js";
import { makePlan, obstacle, type Plan, type Stages, stagesOf } from "../../pulsar/plan.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { type Provisioning, type ProvisioningOptions, prepareProvisioning } from "../provisioning.js";
import { createReport, type Report } from "../report.js";
import { doneLine, planJson, planText, stopText } from "../report-plan.js";

interface Options extends ProvisioningOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen apply`: makes a broker hold what the model says. */
export const apply = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  const prepared = await prepareProvisioning(named, options);
  report.problem(report.colours.stderr ? prepared.findings.coloured : prepared.findings.plain);
  if (prepared.kind === "findings") return exitCode.findings;
  try {
    return await applyTo(prepared, options, report);
  } finally {
    prepared.admin.close();
  }
};

const applyTo = async (prepared: Provisioning, options: Options, report: Report): Promise<ExitCode> => {
  const { admin, desired, consents } = prepared;
  const how = { tenant: options.skipTenant !== true, consents };
  const plan = await makePlan(admin, desired, how);
  const json = options.json === true;
  if (!json) report.data(planText(plan, prepared, report.colours.stdout));
  if (plan.changes.some(({ difference }) => obstacle(difference, consents) !== undefined)) {
    if (json) report.data(`${JSON.stringify(planJson(plan, prepared), undefined, 2)}\n`);
    report.problem("evgen: nothing was changed: something is in the way, or nobody has agreed to it (see ! above).\n");
    return exitCode.findings;
  }
  const applied = await applyStages(admin, changedIn(stagesOf(desired, how), plan), consents, (done) => {
    if (json) report.note(doneLine(done));
    else report.data(doneLine(done));
  });
  if (json) report.data(`${JSON.stringify(planJson(plan, prepared, applied), undefined, 2)}\n`);
  if (applied.kind === "done") return exitCode.done;
  report.problem(stopText(applied));
  return applied.stop.kind === "broker" ? exitCode.environment : exitCode.findings;
};

/** Of what there is to compare, what the plan changes: the rest need not be read again. */
const changedIn = (stages: Stages, { changes }: Plan): Stages => {
  const changed = new Set(changes.map(({ kind, name }) => `${kind} ${name}`));
  return stages.map((stage) => stage.filter(({ kind, name }) => changed.has(`${kind} ${name}`)));
};
