import { compareText } from "@tutti/base";
import type { AppConstraint, KillSelection } from "@tutti/marathon-v2";
import { classOf, isReady, isUnreachable } from "./instance.ts";
import type { Instance } from "./instance.ts";

/**
 * Chooses `count` of the live instances to be killed because there are too many: first those that are
 * away, then those not running, then the unhealthy, then outdated ones, then from the fullest group of a
 * GROUP_BY constraint, then by `selection`; the id breaks ties, so every run chooses the same. Rule MAR22.
 */
export function selectSurplus(
  instances: Iterable<Instance>,
  count: number,
  rule: {
    readonly selection: KillSelection;
    readonly configVersion: string;
    readonly constraints: readonly AppConstraint[];
  },
): readonly Instance[] {
  const live = [...instances].filter((instance) => classOf(instance) === "live");
  const ordered = live.sort((left, right) => compare(left, right, rule));
  const groupBy = rule.constraints.find(([, operator]) => operator === "GROUP_BY")?.[0];
  if (groupBy === undefined) return ordered.slice(0, count);
  return evenly(ordered, count, groupBy);
}

function compare(
  left: Instance,
  right: Instance,
  rule: { readonly selection: KillSelection; readonly configVersion: string },
): number {
  const worth = worthOf(left, rule.configVersion) - worthOf(right, rule.configVersion);
  if (worth !== 0) return worth;
  const older = startOf(left) - startOf(right);
  if (older !== 0) return rule.selection === "YOUNGEST_FIRST" ? -older : older;
  return compareText(left.id, right.id);
}

/** The less, the sooner it goes. */
function worthOf(instance: Instance, configVersion: string): number {
  if (isUnreachable(instance)) return 0;
  if (instance.condition !== "Running") return 1;
  if (!isReady(instance)) return 2;
  return instance.configVersion === configVersion ? 4 : 3;
}

function startOf(instance: Instance): number {
  return instance.startedAtMs ?? instance.stagedAtMs;
}

/** Takes from the fullest group again and again; within a group in the order given. */
function evenly(ordered: readonly Instance[], count: number, field: string): readonly Instance[] {
  const groups = new Map<string, Instance[]>();
  for (const instance of ordered) {
    const key = fieldOf(instance, field) ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [instance]);
    else group.push(instance);
  }
  const chosen: Instance[] = [];
  while (chosen.length < count) {
    let fullest: Instance[] = [];
    for (const group of groups.values()) if (group.length > fullest.length) fullest = group;
    const next = fullest.shift();
    if (next === undefined) return chosen;
    chosen.push(next);
  }
  return chosen;
}

/** The value of a constraint's field for an instance: its host, region, zone or an attribute. */
export function fieldOf(instance: Instance, field: string): string | undefined {
  if (field === "hostname" || field === "@hostname") return instance.host;
  if (field === "@region") return instance.region;
  if (field === "@zone") return instance.zone;
  return instance.attributes.find((attribute) => attribute.name === field)?.text;
}
