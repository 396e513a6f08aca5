import type { JsonValue } from "../model/type.js";

/** Sets an own property whatever its name is; `__proto__` is a bad name, which validation has to see. */
export const setOwn = (map: Record<string, JsonValue>, name: string, value: JsonValue): void => {
  if (name === "__proto__") {
    Object.defineProperty(map, name, { value, writable: true, enumerable: true, configurable: true });
  } else map[name] = value;
};
