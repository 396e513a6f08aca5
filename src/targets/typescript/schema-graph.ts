import type { Model } from "../../model/model.js";
import type { NamedType, Type } from "../../model/type.js";
import { typeNamesOf } from "../../model/type-names.js";

/** The schemas of named types that one another needs. A record that is a member of a union has a second one. */
export interface SchemaGraph {
  /** The nodes that some schema needs, each after all those that it is made of, but for those that lead to itself. */
  readonly nodes: readonly SchemaNode[];
  node(type: NamedType, member: boolean): SchemaNode;
  /** Those that a schema of the type has to carry, since they can only be referred to by name. */
  recursiveIn(type: Type): readonly SchemaNode[];
}

export interface SchemaNode {
  /** The key under `$defs`. */
  readonly name: string;
  readonly type: NamedType;
  /** As a member of a union, with `kind`. */
  readonly member: boolean;
  /** Whether it leads back to itself. */
  readonly recursive: boolean;
}

export const schemaGraph = (model: Model): SchemaGraph => {
  const nodes = new Map<string, Mutable>();
  const sorted: Mutable[] = [];
  const visit = visitor(nodes, sorted);
  const named = new Map(model.types.map((type) => [type.name as string, type]));
  for (const type of model.types) visit(type, false);
  // All types have been visited: what is new is that they are members of unions without a name.
  for (const { events } of model.aggregates) {
    for (const name of events.flatMap((event) => typeNamesOf(event).members)) {
      const member = named.get(name);
      if (member !== undefined) visit(member, true);
    }
  }
  for (const type of model.projections.flatMap(typesOfRows)) for (const [to, member] of uses(type)) visit(to, member);
  const get = (type: NamedType, member: boolean): Mutable => nodes.get(nameOf(type, member)) ?? visit(type, member);
  const reach = new Map<Mutable, ReadonlySet<Mutable>>();
  return {
    nodes: sorted,
    node: get,
    recursiveIn: (type) => {
      const found = new Set<Mutable>();
      for (const [to, member] of uses(type)) for (const one of reachable(get(to, member), reach, get)) found.add(one);
      return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
};

interface Mutable extends SchemaNode {
  recursive: boolean;
  /** Of Tarjan's algorithm; Infinity when its component is complete. */
  low: number;
}

const nameOf = (type: NamedType, member: boolean): string => (member ? `${type.name}WithKind` : type.name);

/** Tarjan's strongly connected components, which come out in the order in which they need each other. */
const visitor = (nodes: Map<string, Mutable>, sorted: Mutable[]) => {
  const stack: Mutable[] = [];
  let index = 0;
  const visit = (type: NamedType, member: boolean): Mutable => {
    const known = nodes.get(nameOf(type, member));
    if (known !== undefined) return known;
    const own = index++;
    const node: Mutable = { name: nameOf(type, member), type, member, recursive: false, low: own };
    nodes.set(node.name, node);
    stack.push(node);
    for (const [to, asMember] of uses(type.type)) {
      const next = visit(to, asMember);
      if (next === node) node.recursive = true;
      node.low = Math.min(node.low, next.low);
    }
    if (node.low === own) {
      const component = stack.splice(stack.indexOf(node));
      for (const one of component) {
        one.low = Number.POSITIVE_INFINITY;
        if (component.length > 1) one.recursive = true;
      }
      sorted.push(...component);
    }
    return node;
  };
  return visit;
};

const reachable = (
  node: Mutable,
  known: Map<Mutable, ReadonlySet<Mutable>>,
  get: (type: NamedType, member: boolean) => Mutable,
): ReadonlySet<Mutable> => {
  const before = known.get(node);
  if (before !== undefined) return before;
  const seen = new Set([node]);
  for (const one of seen) for (const [to, member] of uses(one.type.type)) seen.add(get(to, member));
  const found = new Set([...seen].filter((one) => one.recursive));
  known.set(node, found);
  return found;
};

/** The named types that a type uses directly; true: as a member of a union. */
const uses = (type: Type): readonly (readonly [NamedType, boolean])[] => {
  switch (type.kind) {
    case "array":
      return uses(type.items);
    case "map":
      return uses(type.values);
    case "record":
      return type.fields.flatMap((field) => uses(field.type));
    case "union":
      return type.members.map((member) => [member, true] as const);
    case "reference":
      return [[type.to, false]];
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
    case "uuid":
    case "date":
    case "timestamp":
    case "bytes":
    case "json":
    case "enum":
      return [];
  }
};

const typesOfRows = ({ row, key }: Model["projections"][number]): readonly Type[] => [
  row,
  ...key.fields.map((field) => field.type),
];
