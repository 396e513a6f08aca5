import { subscriptionsOf } from "../../pulsar/desired.js";
import { render } from "../../render/template.js";
import type { Target } from "../target.js";
import { checkSettings } from "./check.js";
import { provisionView } from "./provision.js";
import { replayView } from "./replay.js";

/** Scripts for operators that need bash and pulsar-admin: one provisions what the model says, one replays. */
export const pulsarAdmin: Target = {
  name: "pulsar-admin",
  check: checkSettings,
  generate: async (model) => {
    const provision = {
      path: "pulsar-admin/provision.sh",
      content: render("pulsar-admin/provision.sh", provisionView(model)),
      executable: true,
    };
    if (subscriptionsOf(model).length === 0) return [provision];
    const replay = {
      path: "pulsar-admin/replay.sh",
      content: render("pulsar-admin/replay.sh", replayView(model)),
      executable: true,
    };
    return [provision, replay];
  },
};
