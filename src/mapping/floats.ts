/** Least and largest value. */
export const floatEnds = (type: {
  readonly kind: "float" | "double";
  readonly min?: number;
  readonly max?: number;
}): readonly [number, number] => {
  const largest = type.kind === "float" ? maxFloat : Number.MAX_VALUE;
  const round = type.kind === "float" ? floatWithin : (value: number) => value;
  return [round(type.min ?? -largest, 1), round(type.max ?? largest, -1)];
};

/** The float nearest to a bound on the side where it is kept. */
const floatWithin = (bound: number, way: 1 | -1): number => {
  const nearest = Math.fround(bound);
  if (!Number.isFinite(nearest)) return nearest < 0 ? -maxFloat : maxFloat;
  return way > 0
    ? nearest < bound
      ? nextFloat(nearest, 1)
      : nearest
    : nearest > bound
      ? nextFloat(nearest, -1)
      : nearest;
};

const maxFloat = 3.4028234663852886e38;

/** The next double above or below. */
export const nextDouble = (value: number, way: 1 | -1): number => {
  if (value === 0) return way * Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 === way > 0 ? 1n : -1n));
  return view.getFloat64(0);
};

/** The next float above or below. */
export const nextFloat = (value: number, way: 1 | -1): number => {
  if (value === 0) return way * 2 ** -149;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  view.setInt32(0, view.getInt32(0) + (value > 0 === way > 0 ? 1 : -1));
  return view.getFloat32(0);
};
