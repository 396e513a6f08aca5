import type { Admin } from "./admin.js";
import type { Consents } from "./consents.js";
import type { DesiredState } from "./desired.js";
import { type Foreign, findForeign } from "./foreign.js";
import { namespaceOwnerUnit, namespaceUnit, tenantUnit } from "./namespace-units.js";
import { permissionUnits, topicPermissionUnits } from "./permission-units.js";
import { policyUnits } from "./policies.js";
import { createReader } from "./reader.js";
import { removalUnit } from "./removal-units.js";
import { schemaUnit } from "./schema-unit.js";
import { subscriptionUnits, topicOwnerUnit, topicUnit } from "./topic-units.js";
import type { Comparison, Difference, Unit } from "./unit.js";

/** What a broker lacks or has otherwise than is wanted, exactly; all in the order in which it would be done. */
export interface Plan {
  readonly changes: readonly (Omit<Unit, "compare"> & { readonly difference: Difference })[];
  /** What is as it should be; `note` where there is more to say. */
  readonly equal: readonly (Omit<Unit, "compare"> & { readonly note?: string })[];
  readonly foreign: readonly Foreign[];
}

/** What is to be compared, in stages: each relies on those before it, and its units are independent of each other. */
export type Stages = readonly (readonly Unit[])[];

export interface PlanOptions {
  /** False leaves the tenant alone: who may only manage its namespaces may not read it. */
  readonly tenant: boolean;
  readonly consents: Consents;
}

export const stagesOf = (desired: DesiredState, { tenant, consents }: PlanOptions): Stages => [
  tenant ? [tenantUnit(desired)] : [],
  [namespaceUnit(desired)],
  [namespaceOwnerUnit(desired)],
  // One after the other: some of them refuse others that are not set yet.
  ...policyUnits(desired).map((unit) => [unit]),
  desired.topics.map((topic) => topicUnit(topic, desired)),
  desired.topics.map((topic) => topicOwnerUnit(topic, desired)),
  desired.topics.flatMap((topic) => (topic.schema === undefined ? [] : [schemaUnit(topic, topic.schema, desired)])),
  desired.topics.flatMap(subscriptionUnits),
  permissionUnits(desired),
  desired.topics.flatMap((topic) => topicPermissionUnits(topic, desired)),
  consents.removals.map((removal) => removalUnit(removal, desired)),
];

/** Reads what the broker holds, as many things at once as the API takes, and compares. */
export const makePlan = async (admin: Admin, desired: DesiredState, options: PlanOptions): Promise<Plan> => {
  const reader = createReader(admin);
  const units = stagesOf(desired, options).flat();
  const [comparisons, foreign] = await Promise.all([
    Promise.all(units.map((unit) => unit.compare(reader))),
    findForeign(reader, desired, options),
  ]);
  const compared = units.map(({ kind, name }, index) => ({ kind, name, comparison: comparisons[index] as Comparison }));
  return {
    changes: compared.flatMap(({ kind, name, comparison }) =>
      comparison.kind === "differs" ? [{ kind, name, difference: comparison }] : [],
    ),
    equal: compared.flatMap(({ kind, name, comparison }) =>
      comparison.kind === "equal"
        ? [{ kind, name, ...(comparison.note === undefined ? {} : { note: comparison.note }) }]
        : [],
    ),
    foreign: foreign.filter((one) => !isNamed(one, options.consents)),
  };
};

/** What somebody has named to be removed is among the changes. */
const isNamed = ({ kind, name }: Foreign, { removals }: Consents): boolean =>
  removals.some((removal) => {
    if (removal.kind !== kind) return false;
    if (removal.kind === "subscription") return name === `${removal.name} on ${removal.topic}`;
    return name === (removal.kind === "topic" ? removal.name : removal.role);
  });

/** Why a change may not be made: it is impossible, or nobody has agreed to it. Undefined when it may. */
export const obstacle = ({ blocked, consent }: Difference, { names }: Consents): string | undefined => {
  if (blocked !== undefined) return blocked;
  return consent === undefined || names.has(consent.name)
    ? undefined
    : `${consent.why} To do it: --allow ${consent.name}`;
};
