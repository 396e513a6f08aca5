import * as fc from "fast-check";

/**
 * All values, and beside them some that are likely to show something. Those shrink as the others do: a constant would stay
 * what it is, and a counter-example with it.
 */
export const withEdges = <T>(
  all: fc.Arbitrary<T>,
  edges: readonly T[],
): readonly [all: fc.Arbitrary<T>, edges: fc.Arbitrary<T>] => [all, new Edges(all, edges)];

class Edges<T> extends fc.Arbitrary<T> {
  readonly #all: fc.Arbitrary<T>;
  readonly #edges: readonly T[];

  constructor(all: fc.Arbitrary<T>, edges: readonly T[]) {
    super();
    this.#all = all;
    this.#edges = edges;
  }

  override generate(random: fc.Random): fc.Value<T> {
    const edge = this.#edges[random.nextInt(0, this.#edges.length - 1)] as T;
    return new fc.Value(edge, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#all.canShrinkWithoutContext(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    // Only what shrinking has made has a context: the other arbitrary's.
    return context === undefined && !this.#all.canShrinkWithoutContext(value)
      ? fc.Stream.nil()
      : this.#all.shrink(value, context);
  }
}
