import type { Place } from "./diagnostic.js";
import type { PlainNode, Range } from "./plain-yaml.js";
import { scanPlainYaml } from "./plain-yaml.js";

/**
 * Where things stand in a text of ordinary YAML. Undefined for any other; and the range of one thing is undefined where
 * comments follow it, which may belong to it or not.
 */
export const plainPlaces = (text: string): ((place: Place) => Range | undefined) | undefined => {
  const root = scanPlainYaml(text);
  return root === undefined ? undefined : (place) => rangeOf(place, root);
};

const rangeOf = (place: Place, root: PlainNode): Range | undefined => {
  let node: PlainNode = root;
  let key: Range | undefined;
  for (const step of place.path) {
    const entry = node.entries?.get(String(step));
    const item = node.items?.[Number(step)];
    // Of what is missing, what leads there is all there is to show.
    if (entry === undefined && item === undefined) return key ?? firstKey(root);
    if (entry !== undefined) [node, key] = [entry.value, entry.key];
    else if (item?.end !== undefined) [node, key] = [item, [item.start, item.end]];
    else return undefined;
  }
  if (key === undefined || place.at === "key") return key ?? firstKey(root);
  return node.end === undefined ? undefined : [node.start, node.end];
};

const firstKey = (root: PlainNode): Range | undefined => root.entries?.values().next().value?.key;
