import { assert } from "@tutti/base";
import type { Route } from "./types.ts";

/** What a path leads to. */
export type RouteMatch =
  | {
      readonly type: "found";
      readonly route: Route;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly type: "absent" }
  /** A segment is not valid percent-encoding. */
  | { readonly type: "malformed" };

interface Node {
  readonly fixed: Map<string, Node>;
  variable: { readonly name: string; readonly node: Node } | undefined;
  rest: Route | undefined;
  route: Route | undefined;
}

interface Bound {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/**
 * Finds the route of a path. A fixed segment wins over `:name`, and `:name` over `*`; one trailing
 * slash is ignored. Two routes of one pattern, or one place with two variable names, are bugs.
 */
export class RouteTable {
  readonly #root: Node = emptyNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  match(path: string): RouteMatch {
    if (!path.startsWith("/")) return { type: "absent" };
    const segments = decodeSegments(path);
    if (segments === undefined) return { type: "malformed" };
    const bound = find(this.#root, segments, 0);
    return bound === undefined ? { type: "absent" } : { type: "found", ...bound };
  }

  #add(route: Route): void {
    assert(route.path.startsWith("/"), `a route begins with a slash: ${route.path}`);
    let node = this.#root;
    const segments = route.path === "/" ? [] : route.path.slice(1).split("/");
    for (const [index, segment] of segments.entries()) {
      if (segment === "*") {
        assert(index === segments.length - 1, `* is the last segment: ${route.path}`);
        assert(node.rest === undefined, `two routes for ${route.path}`);
        node.rest = route;
        return;
      }
      node = segment.startsWith(":")
        ? variableChild(node, segment.slice(1), route)
        : fixedChild(node, segment);
    }
    assert(node.route === undefined, `two routes for ${route.path}`);
    node.route = route;
  }
}

function emptyNode(): Node {
  return { fixed: new Map(), variable: undefined, rest: undefined, route: undefined };
}

function fixedChild(node: Node, segment: string): Node {
  const child = node.fixed.get(segment) ?? emptyNode();
  node.fixed.set(segment, child);
  return child;
}

function variableChild(node: Node, name: string, route: Route): Node {
  node.variable ??= { name, node: emptyNode() };
  assert(node.variable.name === name, `:${node.variable.name} has another name in ${route.path}`);
  return node.variable.node;
}

function find(node: Node, segments: readonly string[], index: number): Bound | undefined {
  const segment = segments[index];
  if (segment === undefined) {
    if (node.route !== undefined) return { route: node.route, params: {} };
    return undefined;
  }
  const fixed = node.fixed.get(segment);
  const found = fixed === undefined ? undefined : find(fixed, segments, index + 1);
  if (found !== undefined) return found;
  if (node.variable !== undefined && segment !== "") {
    const bound = find(node.variable.node, segments, index + 1);
    if (bound !== undefined) {
      bound.params[node.variable.name] = segment;
      return bound;
    }
  }
  if (node.rest === undefined) return undefined;
  return { route: node.rest, params: { rest: segments.slice(index).join("/") } };
}

function decodeSegments(path: string): string[] | undefined {
  const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(1, -1) : path.slice(1);
  if (trimmed === "") return [];
  const segments = trimmed.split("/");
  if (!trimmed.includes("%")) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
