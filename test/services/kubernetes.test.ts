import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { workspace } from "../cli/evgen.js";
import { useBroker } from "./broker.js";
import { execute } from "./example.js";

const broker = useBroker();
const root = fileURLToPath(new URL("../..", import.meta.url));
const tenant = `kubernetes-${process.pid}`;
const namespace = `${tenant}/sales`;

/** Two backlog quotas, and the limits that the operator has no field for. */
const model = readFileSync(join(root, "model.example.yaml"), "utf8")
  .replace(
    "  tenant: shop",
    `  tenant: ${tenant}
  backlogQuota: { size: 10G, time: 7d, policy: producer-exception }
  limits: { subscriptionsPerTopic: 50, unackedPerConsumer: 1000, unackedPerSubscription: 2000 }`,
  )
  .replace(/targets: .*/, "targets: [kubernetes]");

describe("the script of the Job", () => {
  it("makes what the operator cannot, and leaves nothing for evgen to do", { timeout: 300_000 }, async () => {
    const work = workspace();
    work.write("model.yaml", model);
    const evgen = (...args: readonly string[]) => work.evgen(args, { env: { PULSAR_ADMIN_URL: broker.adminUrl } });
    expect(evgen("build")).toMatchObject({ code: 0 });
    // Everything stands as the operator and the Job would leave it; then what is the Job's is taken away.
    const applied = evgen("apply");
    expect(applied, applied.stderr).toMatchObject({ code: 0 });
    const orders = `persistent/${namespace}/orders`;
    await broker.rest("DELETE", `${orders}/subscription/warehouse?force=true`);
    await broker.rest("DELETE", `${orders}-warehouse-dlq/subscription/evgen-dlq?force=true`);
    await broker.rest("DELETE", `namespaces/${namespace}/backlogQuota?backlogQuotaType=message_age`);
    for (const limit of [
      "maxSubscriptionsPerTopic",
      "maxUnackedMessagesPerConsumer",
      "maxUnackedMessagesPerSubscription",
    ])
      await broker.rest("DELETE", `namespaces/${namespace}/${limit}`);
    expect(evgen("plan", "--check")).toMatchObject({ code: 1 });

    const script = join(work.folder, "generated/kubernetes/provision.sh");
    expect(await execute("shellcheck", [script], {})).toEqual({ status: 0, stdout: "", stderr: "" });
    const first = await execute("bash", [script], broker.env);
    expect(first, first.stderr).toMatchObject({ status: 0 });
    expect(first.stdout.match(/: created$/gm)).toHaveLength(2);
    const second = await execute("bash", [script], broker.env);
    expect(second, second.stderr).toMatchObject({ status: 0 });
    expect(second.stdout).not.toContain(": created");
    const plan = evgen("plan", "--check");
    expect(plan, plan.stdout + plan.stderr).toMatchObject({ code: 0 });
  });
});
