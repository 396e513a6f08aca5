import { visible } from "../diagnostics/visible.js";
import { nextStep, type ProjectionCopies } from "./projection-copies.js";
import type { Provisioning } from "./provisioning.js";

/** The copies of each projection, with what is to be done next. */
export const copiesText = (all: readonly ProjectionCopies[], { admin, desired }: Provisioning): string => {
  const where = `projections of ${desired.namespace.name} at ${visible(admin.url)}\n`;
  if (all.length === 0) return `${where}none has rows in a store that lasts\n`;
  return where + all.map(projectionText).join("");
};

const projectionText = (projection: ProjectionCopies): string => {
  const { name, store, version, copies } = projection;
  const rows = copies.map(({ target, live, current, subscription, lag }) => [
    `  ${live ? "live" : "    "}  ${visible(target)}`,
    current ? "as the model says" : "begun by other code",
    lag === undefined
      ? `${subscription}: not on the broker`
      : `${subscription}: ${lag.behind} behind, ${readers(lag.consumers)}`,
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const next = nextStep(projection);
  return [
    `\n${name}, version ${version}, in ${store}`,
    ...lines,
    ...(next === undefined ? [] : [`  → ${next}`]),
    "",
  ].join("\n");
};

const readers = (consumers: number): string =>
  consumers === 0 ? "no reader" : consumers === 1 ? "1 reader" : `${consumers} readers`;

/** The machine format of `evgen projections status --json`. */
export const copiesJson = (
  all: readonly ProjectionCopies[],
  { file, environment, admin, desired, findings }: Provisioning,
): string =>
  `${JSON.stringify(
    {
      format: "evgen-projections",
      version: 1,
      model: file.prefix + file.entry,
      ...(environment === undefined ? {} : { environment: environment.name }),
      adminUrl: admin.url,
      namespace: desired.namespace.name,
      projections: all.map((projection) => {
        const next = nextStep(projection);
        return { ...projection, ...(next === undefined ? {} : { next }) };
      }),
      diagnostics: findings.items,
    },
    undefined,
    2,
  )}\n`;
