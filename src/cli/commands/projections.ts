import type { Projection } from "../../model/model.js";
import { snakeCase } from "../../model/names.js";
import { readLags } from "../../pulsar/lag.js";
import { planReplay } from "../../pulsar/replay.js";
import type { ProjectionStore } from "../../runtime/store.js";
import type { ExitCode } from "../exit-code.js";
import { exitCode } from "../exit-code.js";
import { wrongUse } from "../failure.js";
import { type Copy, copiesOf, type ProjectionCopies, versionOf, whyNotLive } from "../projection-copies.js";
import { findReader, type Provisioning, type ProvisioningOptions, prepareProvisioning } from "../provisioning.js";
import { createReport, type Report } from "../report.js";
import { copiesJson, copiesText } from "../report-copies.js";
import { openStores, type StoreOptions } from "../stores.js";
import { waitForHead } from "../wait-for-head.js";

interface Options extends ProvisioningOptions, StoreOptions {
  readonly model?: string;
  readonly json?: boolean;
  readonly promote?: boolean;
  readonly lagging?: boolean;
}

/** `evgen projections status`: which copies of rows there are, which one is live, and what is to be done next. */
export const status = (named: string | undefined, options: Options): Promise<ExitCode> =>
  withStores(options, async (desk) => {
    const projections =
      named === undefined
        ? desk.model.projections.filter(({ store }) => store !== "memory")
        : [projectionNamed(desk, named)];
    const all: ProjectionCopies[] = [];
    for (const one of projections) all.push(await desk.copies(one));
    desk.report.data(options.json === true ? copiesJson(all, desk) : copiesText(all, desk));
    return exitCode.done;
  });

/** `evgen projections rebuild`: waits until the rows of the model's version hold all that was there when it began. */
export const rebuild = (name: string, options: Options): Promise<ExitCode> =>
  withStores(options, async (desk) => {
    const { projection, copies } = await find(desk, name);
    const { target, version } = copies;
    if (copies.copies.some((one) => one.target === target && one.live)) {
      const more = `Give it \`version: ${version + 1}\` in the model, run evgen apply, and start the new code.`;
      return refuse(desk, `${target} is live, and what is read is not built anew in its place. ${more}`);
    }
    const { name: subscription, topics } = projection.subscription;
    const urls = topics.map((topic) => `persistent://${desk.desired.namespace.name}/${topic.name}`);
    const planned = await planReplay(desk.admin, urls, subscription, { kind: "time", time: 0 });
    if (typeof planned === "string") return refuse(desk, planned);
    desk.report.note(`${target} is built by ${subscription}, by the process in which the new code runs.\n`);
    await waitForHead(desk.admin, subscription, planned.partitions, desk.report);
    return options.promote === true ? promoteTo(desk, copies, target, options) : exitCode.done;
  });

/** `evgen projections promote`: makes the rows of the model's version the live ones. */
export const promote = (name: string, options: Options): Promise<ExitCode> =>
  withStores(options, async (desk) => {
    const { copies } = await find(desk, name);
    return promoteTo(desk, copies, copies.target, options);
  });

/** `evgen projections rollback`: makes the copy before the live one the live one. */
export const rollback = (name: string, options: Options): Promise<ExitCode> =>
  withStores(options, async (desk) => {
    const { copies } = await find(desk, name);
    const live = copies.copies.find((one) => one.live);
    if (live === undefined) return refuse(desk, `No rows of ${name} are live.`);
    const older = copies.copies.filter((one) => versionOf(one.target) < versionOf(live.target));
    const before = older.reduce<Copy | undefined>(
      (best, one) => (best === undefined || versionOf(one.target) > versionOf(best.target) ? one : best),
      undefined,
    );
    if (before === undefined) return refuse(desk, `There are no rows before ${live.target} to go back to.`);
    return promoteTo(desk, copies, before.target, options);
  });

/** `evgen projections drop`: removes a copy that is not live. */
export const drop = (name: string, target: string, options: Options): Promise<ExitCode> =>
  withStores(options, async (desk) => {
    const { projection, copies } = await find(desk, name);
    const found = copies.copies.find((one) => one.target === target);
    if (found === undefined) {
      const known = copies.copies.map((one) => one.target).join(", ");
      throw wrongUse(`${name} has no rows called "${target}". ${known === "" ? "It has none." : `It has ${known}.`}`);
    }
    if (found.live) return refuse(desk, `${target} is live: it is what is read. Promote another one first.`);
    if ((found.lag?.consumers ?? 0) > 0)
      return refuse(desk, `${target} is being written: ${found.subscription} has consumers. Stop them first.`);
    await (await desk.stores.of(projection.store)).drop(copies.table, target);
    desk.report.data(`${target} is removed.\n`);
    if (found.lag !== undefined && target !== copies.target) {
      const consents = projection.subscription.topics.map(
        (topic) => `delete-subscription:${topic.name}/${found.subscription}`,
      );
      desk.report.data(
        `Its subscription ${found.subscription} still keeps events: evgen apply --allow ${consents.join(" ")}\n`,
      );
    }
    return exitCode.done;
  });

interface Desk extends Provisioning {
  readonly report: Report;
  readonly stores: ReturnType<typeof openStores>;
  readonly copies: (projection: Projection) => Promise<ProjectionCopies>;
}

const withStores = async (options: Options, run: (desk: Desk) => Promise<ExitCode>): Promise<ExitCode> => {
  const report = createReport({});
  const prepared = await prepareProvisioning(options.model, { ...options, drafts: true });
  report.problem(report.colours.stderr ? prepared.findings.coloured : prepared.findings.plain);
  if (prepared.kind === "findings") return exitCode.findings;
  const { admin, desired } = prepared;
  try {
    const stores = openStores(options);
    const copies = async (projection: Projection): Promise<ProjectionCopies> => {
      const store: ProjectionStore = await stores.of(projection.store);
      const urls = projection.subscription.topics.map(({ name }) => `persistent://${desired.namespace.name}/${name}`);
      const [targets, lagOf] = await Promise.all([store.targets(snakeCase(projection.name)), readLags(admin, urls)]);
      return copiesOf(projection, targets, lagOf);
    };
    try {
      return await run({ ...prepared, report, stores, copies });
    } finally {
      await stores.close();
    }
  } finally {
    admin.close();
  }
};

const find = async (desk: Desk, name: string) => {
  const projection = projectionNamed(desk, name);
  return { projection, copies: await desk.copies(projection) };
};

const projectionNamed = ({ model }: Desk, name: string): Projection => {
  const found = findReader(model, name);
  if (!("store" in found)) throw wrongUse(`${found.name} is a consumer, which has no rows.`);
  return found;
};

const refuse = ({ report }: Desk, why: string): ExitCode => {
  report.problem(`evgen: ${why}\n`);
  return exitCode.findings;
};

const promoteTo = async (
  desk: Desk,
  { name, store, table, target: own }: ProjectionCopies,
  target: string,
  { lagging = false }: Options,
): Promise<ExitCode> => {
  // Read again, since it may have been waited for.
  const { copies } = (await find(desk, name)).copies;
  const found = copies.find((one) => one.target === target);
  if (found === undefined) return refuse(desk, `${target} has not been begun: no process runs the new code.`);
  if (target === own && !found.current)
    return refuse(desk, `${target} was begun by other code than the model's, and its rows are not those of the model.`);
  if (found.live) {
    desk.report.data(`${target} is live already.\n`);
    return exitCode.done;
  }
  const why = whyNotLive(found, lagging);
  if (why !== undefined) return refuse(desk, why);
  await (await desk.stores.of(store)).promote(table, target);
  const before = copies.find((one) => one.live)?.target;
  desk.report.data(
    `${target} is live: who reads ${table} sees its rows.${before === undefined ? "" : ` ${before} is kept.`}\n`,
  );
  return exitCode.done;
};
