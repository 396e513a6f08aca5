import type { Place } from "../../diagnostics/diagnostic.js";
import type { Context } from "./context.js";

/** Reports a name that Pulsar would refuse, or that it takes for something else. */
export const checkPulsarName = (
  what: "tenant" | "namespace" | "topic" | "subscription" | "cluster",
  name: string,
  place: Place,
  context: Context,
): void => {
  const problem = problemOf(what, name);
  if (problem !== undefined) context.report("pulsar-name", { what, name, problem }, place);
};

const problemOf = (what: string, name: string): string | undefined => {
  if (!/^[-=:.\w]*$/.test(name)) return "only letters, digits and - = : . _ are allowed";
  if (!/^\w/.test(name)) return "it has to start with a letter, a digit or an underscore";
  if (!/[A-Za-z0-9]/.test(name)) return "it needs a letter or a digit";
  if (name.length > 100) return "it has more than 100 characters";
  if (what !== "topic") return undefined;
  if (name.includes(":")) return "files are named after topics, and : stands in no file name on Windows";
  if (/-partition-\d+$/.test(name)) return "Pulsar names the partitions of a topic so";
  return name.startsWith("__") ? "Pulsar names its own topics with two underscores" : undefined;
};
