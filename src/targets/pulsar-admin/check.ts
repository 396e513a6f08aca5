import { type Diagnostic, diagnostic, keyOf, type Place, under } from "../../diagnostics/diagnostic.js";
import type { Model } from "../../model/model.js";

/** What the scripts could not do, or would do to something else than the model means. */
export const checkSettings = (model: Model): readonly Diagnostic[] => {
  const { pulsar } = model;
  const settings: Place = pulsar.place ?? { file: model.topics[0]?.place.file ?? "", path: ["pulsar"] };
  const roles = [
    ...pulsar.adminRoles.map((role, index) => ({ role, list: true, place: under(settings, "adminRoles", index) })),
    ...pulsar.permissions.map(({ role }) => ({
      role,
      list: false,
      place: keyOf(under(settings, "permissions", role)),
    })),
  ];
  const bad = roles.flatMap(({ role, list, place }) => {
    const problem = problemOf(role, list);
    return problem === undefined ? [] : [diagnostic("pulsar-admin-role", { role, problem }, place)];
  });
  return model.generate.targets.includes("schemas")
    ? bad
    : [...bad, diagnostic("pulsar-admin-needs-schemas", {}, { file: settings.file, path: ["generate", "targets"] })];
};

const problemOf = (role: string, list: boolean): string | undefined => {
  if (role === "") return "it is empty";
  // Seen on 4.0: "a b" is granted to "a+b", which is another role.
  if (/\s/u.test(role)) return "pulsar-admin grants a role with white space in it to another role";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them
  if (/[\0-\x1f\x7f-\x9f]/u.test(role)) return "a control character is in it";
  if (list && role.includes(",")) return "pulsar-admin takes the roles of a tenant as a list with commas";
  return undefined;
};
