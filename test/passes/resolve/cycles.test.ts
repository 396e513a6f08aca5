import fc from "fast-check";
import { expect, test } from "vitest";
import { cyclesOf } from "../../../src/passes/resolve/cycles.js";

const graph = (edges: { readonly [node: string]: readonly (readonly string[])[] }) =>
  cyclesOf(Object.keys(edges), (node) => edges[node] ?? []);

test("a node is done when each of its groups has a member that is", () => {
  expect(graph({ a: [["b"]], b: [["c"]], c: [] })).toEqual([]);
  expect(graph({ a: [["a"]] })).toEqual([["a"]]);
  expect(graph({ a: [["a", "b"]], b: [] })).toEqual([]);
  expect(graph({ a: [["a", "b"]], b: [["a"]] })).toEqual([["a"]]);
  expect(graph({ z: [["b"]], b: [["a"]], a: [["b"]] })).toEqual([["b", "a"]]);
});

test("there is a cycle exactly where taking away what is done leaves something", () => {
  const node = fc.nat(7).map(String);
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.array(node, { minLength: 1, maxLength: 3 }), { maxLength: 3 }), {
        minLength: 8,
        maxLength: 8,
      }),
      (groups) => {
        const edges = Object.fromEntries(groups.map((one, index) => [String(index), one]));
        const done = new Set<string>();
        for (let round = 0; round < 8; round++) {
          for (const [name, its] of Object.entries(edges))
            if (its.every((any) => any.some((one) => done.has(one)))) done.add(name);
        }
        const cycles = graph(edges);
        expect(cycles.length > 0).toBe(done.size < 8);
        for (const cycle of cycles) {
          for (const [index, one] of cycle.entries()) {
            expect(done.has(one)).toBe(false);
            const next = cycle[(index + 1) % cycle.length] ?? "";
            expect(edges[one]?.some((group) => group.includes(next))).toBe(true);
          }
        }
      },
    ),
  );
});

test("a long chain takes no stack", () => {
  const nodes = Array.from({ length: 100_000 }, (_, index) => index);
  expect(cyclesOf(nodes, (node) => [[(node + 1) % nodes.length]])[0]?.length).toBe(100_000);
});
