import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Event } from "../../model/model.js";
import { functionStepsOf } from "../function-steps.js";
import type { Session } from "./session.js";
import { report } from "./session.js";

/**
 * Steps that call functions of the user's, as long as nobody has proved them as they are. Whether they are new does not
 * matter: a release is no proof.
 */
export const checkFunctions = (session: Session, event: Event, proved: ReadonlyMap<string, string>): void => {
  for (const { version, functions, key, hash } of functionStepsOf(event, session.model.long)) {
    if (proved.get(key) === hash) continue;
    const subject = [event.aggregate.name, event.name];
    const found = {
      event,
      change: [...functions, hash],
      help: "Prove it, and note that in the lock: evgen verify --record",
    };
    if (version === undefined) {
      const place = keyOf(under(event.place, "becomes"));
      report(session, "retirement-unproved", { event: event.name, functions }, { ...found, place, subject });
      continue;
    }
    const place = keyOf(under(version.place, "upcast"));
    const parameters = { event: event.name, version: version.number, functions };
    report(session, "version-unproved", parameters, { ...found, place, subject: [...subject, `v${version.number}`] });
  }
};
