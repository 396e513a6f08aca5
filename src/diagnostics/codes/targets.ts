import { entry } from "../entry.js";

/** Of targets: what a sound model cannot be generated as. */
export const targetCodes = {
  "pulsar-admin-role": entry(
    "error",
    (p: { readonly role: string; readonly problem: string }) =>
      `The role ${JSON.stringify(p.role.slice(0, 80))} cannot be provisioned with pulsar-admin: ${p.problem}.`,
    `The target \`pulsar-admin\` writes a script that grants permissions with Pulsar's own command line tool. A role that the tool
would change on its way to the broker would give somebody else the permission. Choose a name without white space and control
characters, and for \`adminRoles\` without commas.`,
  ),
  "pulsar-admin-needs-schemas": entry(
    "error",
    () => "The target `pulsar-admin` registers the schemas that the target `schemas` writes, which is not in the list.",
    `provision.sh calls schemas/register.sh, between creating the topics and creating the subscriptions. Write
\`targets: [typescript, schemas, pulsar-admin]\`.`,
  ),
  "terraform-lacks": entry(
    "warning",
    (p: { readonly policies: readonly string[] }) =>
      `The Terraform provider has no attribute for ${p.policies.join(", ")}: the target \`terraform\` leaves ${p.policies.length === 1 ? "it" : "them"} out.`,
    `Everything else of the model is in the files. Set what is missing with \`evgen apply\` or with pulsar-admin after
\`terraform apply\`: the provider leaves alone what it does not know. \`evgen plan\` shows whether it is set.`,
  ),
};
