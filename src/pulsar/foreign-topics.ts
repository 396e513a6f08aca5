import { adminPath } from "./admin.js";
import type { DesiredState } from "./desired.js";
import type { Reader } from "./reader.js";

/** Names of topics in the namespace that are neither the model's nor Pulsar's own, sorted; partitions count as their topic. */
export const foreignTopics = async (reader: Reader, desired: DesiredState): Promise<readonly string[]> => {
  const [tenant = "", namespace = ""] = desired.namespace.name.split("/");
  const path = adminPath`persistent/${tenant}/${namespace}`;
  const [plain, partitioned] = await Promise.all([
    reader.find<readonly string[]>(path),
    reader.find<readonly string[]>(`${path}/partitioned`),
  ]);
  const bases = new Set((partitioned ?? []).map(lastPart));
  const ours = new Set(desired.topics.map((topic) => topic.name));
  const names = [...(plain ?? []).map(lastPart).map((name) => baseOf(name, bases)), ...bases];
  return [...new Set(names)].filter((name) => !ours.has(name) && !name.startsWith("__")).sort();
};

const lastPart = (url: string): string => url.slice(url.lastIndexOf("/") + 1);

const baseOf = (name: string, bases: ReadonlySet<string>): string => {
  const base = name.replace(/-partition-\d+$/, "");
  return bases.has(base) ? base : name;
};
