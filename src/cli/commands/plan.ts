import { makePlan } from "../../pulsar/plan.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { type ProvisioningOptions, prepareProvisioning } from "../provisioning.js";
import { createReport } from "../report.js";
import { planJson, planText } from "../report-plan.js";

interface Options extends ProvisioningOptions {
  readonly check?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `evgen plan`: what a broker lacks or has otherwise than the model says. */
export const plan = async (named: string | undefined, options: Options): Promise<ExitCode> => {
  const report = createReport({ quiet: options.quiet });
  const prepared = await prepareProvisioning(named, options);
  report.problem(report.colours.stderr ? prepared.findings.coloured : prepared.findings.plain);
  if (prepared.kind === "findings") return exitCode.findings;
  const { admin, desired, consents } = prepared;
  try {
    const made = await makePlan(admin, desired, { tenant: options.skipTenant !== true, consents });
    if (options.json === true) report.data(`${JSON.stringify(planJson(made, prepared), undefined, 2)}\n`);
    else report.data(planText(made, prepared, report.colours.stdout));
    return options.check === true && made.changes.length > 0 ? exitCode.findings : exitCode.done;
  } finally {
    admin.close();
  }
};
