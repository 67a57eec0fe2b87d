import { formatTimestamp } from "@tutti/base";
import type { AppInfo, GroupInfo } from "@tutti/marathon-v2";
import type { World } from "../world.ts";
import { toAppInfo } from "./app-info.ts";
import type { AppEmbed } from "./app-info.ts";
import type { Now } from "./now.ts";

interface Node {
  readonly id: string;
  readonly apps: AppInfo[];
  readonly groups: Map<string, Node>;
}

/** The tree of groups that the ids of the apps span, from `rootId` downwards; undefined when it is not there. */
export function groupTree(
  world: World,
  now: Now,
  rootId: string,
  embed: AppEmbed,
): GroupInfo | undefined {
  const root: Node = { id: "/", apps: [], groups: new Map() };
  for (const app of world.apps.values()) {
    if (app.visible === undefined) continue;
    parentOf(root, app.id).apps.push(toAppInfo(world, now, app, embed));
  }
  const found = find(root, rootId);
  return found === undefined ? undefined : toGroup(found, formatTimestamp(now.wallMs));
}

function parentOf(root: Node, appId: string): Node {
  let node = root;
  for (const segment of appId.split("/").slice(1, -1)) {
    const id = node.id === "/" ? `/${segment}` : `${node.id}/${segment}`;
    const child = node.groups.get(id) ?? { id, apps: [], groups: new Map() };
    node.groups.set(id, child);
    node = child;
  }
  return node;
}

function find(node: Node, id: string): Node | undefined {
  if (node.id === id) return node;
  for (const child of node.groups.values()) {
    const found = find(child, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Its version is that of its newest app. */
function toGroup(node: Node, emptyVersion: string): GroupInfo {
  const groups = [...node.groups.values()].map((child) => toGroup(child, emptyVersion));
  const versions = [...node.apps, ...groups].map(({ version }) => version).sort();
  return {
    id: node.id,
    apps: node.apps,
    pods: [],
    groups,
    dependencies: [],
    version: versions.at(-1) ?? emptyVersion,
    enforceRole: false,
  };
}
