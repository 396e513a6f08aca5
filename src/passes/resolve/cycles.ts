/**
 * The cycles in which nodes wait for one another for ever. A node is done once every one of its groups has a member
 * that is done; a node without groups is done at once. Each cycle starts at the first of its nodes in the given order,
 * and no node is in two of them. Linear in nodes and groups, and without recursion.
 */
export const cyclesOf = <N>(
  nodes: readonly N[],
  groupsOf: (node: N) => readonly (readonly N[])[],
): readonly (readonly N[])[] => {
  const groups = new Map(nodes.map((node) => [node, groupsOf(node)]));
  const done = finished(nodes, groups);
  const cycles: N[][] = [];
  const visited = new Set<N>();
  const position = new Map(nodes.map((node, index) => [node, index]));
  for (const start of nodes) {
    const trail = new Map<N, number>();
    let node: N | undefined = start;
    while (node !== undefined && !done.has(node) && !visited.has(node)) {
      visited.add(node);
      trail.set(node, trail.size);
      node = groups.get(node)?.find((group) => !group.some((member) => done.has(member)))?.[0];
    }
    const entered = node === undefined ? undefined : trail.get(node);
    if (entered !== undefined) cycles.push(fromFirst([...trail.keys()].slice(entered), position));
  }
  return cycles;
};

const finished = <N>(nodes: readonly N[], groups: ReadonlyMap<N, readonly (readonly N[])[]>): Set<N> => {
  const open = new Map<N, number>();
  const waiting = new Map<N, { readonly node: N; readonly group: readonly N[] }[]>();
  const ready: N[] = [];
  for (const node of nodes) {
    const own = groups.get(node) ?? [];
    open.set(node, own.length);
    if (own.length === 0) ready.push(node);
    for (const group of own) {
      for (const member of group) {
        const users = waiting.get(member);
        if (users === undefined) waiting.set(member, [{ node, group }]);
        else users.push({ node, group });
      }
    }
  }

  const done = new Set<N>();
  const satisfied = new Set<readonly N[]>();
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    if (done.has(node)) continue;
    done.add(node);
    for (const user of waiting.get(node) ?? []) {
      if (satisfied.has(user.group)) continue;
      satisfied.add(user.group);
      const left = (open.get(user.node) ?? 0) - 1;
      open.set(user.node, left);
      if (left === 0) ready.push(user.node);
    }
  }
  return done;
};

/** The same cycle from the node on that comes first in the model. */
const fromFirst = <N>(cycle: readonly N[], position: ReadonlyMap<N, number>): N[] => {
  const at = (node: N) => position.get(node) ?? Number.POSITIVE_INFINITY;
  let first = 0;
  for (const [index, node] of cycle.entries()) if (at(node) < at(cycle[first] as N)) first = index;
  return [...cycle.slice(first), ...cycle.slice(0, first)];
};
