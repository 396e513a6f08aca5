import type { Place } from "../../diagnostics/diagnostic.js";
import { keyOf, under } from "../../diagnostics/diagnostic.js";
import type { Released } from "../../evolution/released.js";
import type { EventVersion } from "../../model/model.js";
import type { Context } from "./context.js";
import type { Drafts } from "./drafts.js";
import type { OpenTopic } from "./topics.js";

/**
 * Puts the branches of each topic in the order in which they were released; drafts come after them, in the order of the
 * model. A released version that the model no longer has is an error, since those after it would take its place.
 */
export const keepWireOrder = (
  topics: ReadonlyMap<string, OpenTopic>,
  drafts: Drafts,
  released: Released,
  context: Context,
): void => {
  // What was released on another topic comes after what was released here, and before drafts.
  const elsewhere = new Map<string, number>();
  const open = new Map([...topics.values()].map((topic) => [topic.url, topic]));
  for (const [url, names] of released.branches) {
    for (const [index, name] of names.entries()) {
      elsewhere.set(name, 1e9 + elsewhere.size);
      if (released.mayMiss !== true) reportMissing(name, released.placeOf(url, index), open.get(url), drafts, context);
    }
  }
  for (const topic of open.values()) {
    const here = new Map(released.branches.get(topic.url)?.map((name, index) => [name, index]));
    const position = ({ name }: EventVersion): number =>
      here.get(name) ?? elsewhere.get(name) ?? Number.POSITIVE_INFINITY;
    // Sorting is stable: two drafts stay as they are, though their difference is no number.
    topic.branches.sort((a, b) => position(a) - position(b) || 0);
  }
};

const reportMissing = (
  name: string,
  place: Place,
  topic: OpenTopic | undefined,
  drafts: Drafts,
  context: Context,
): void => {
  const [, event = "", digits = ""] = /^(.*)V(\d+)$/.exec(name) ?? [];
  const draft = drafts.events.get(event);
  const version = Number(digits);
  if (draft?.versions.some((one) => one.version.number === version) === true) return;
  const related = [{ message: "It was released here.", place }];
  const suggestion = draft === undefined ? context.suggest(event, drafts.events.keys()) : undefined;
  const help =
    draft !== undefined
      ? `Bring version ${version} back; what it should be now is version ${Math.max(draft.event.current.number, version) + 1}, with an \`upcast\`.`
      : suggestion === undefined
        ? `Bring it back, with \`retired: true\` if nobody emits it any more.`
        : `If ${suggestion} is its new name, bring ${event} back beside it: retired: true, becomes: [{ event: ${suggestion} }]`;
  const near = drafts.events.get(suggestion ?? "")?.place ?? topic?.place ?? place;
  const at = draft === undefined ? keyOf(near) : keyOf(under(draft.place, "versions"));
  context.report("released-missing", { event, version }, at, { related, help });
};
