import type { UpgradeStrategy } from "@tutti/marathon-v2";
import type { Tally } from "./tally.ts";

/** What an app is to look like now. */
export interface Target {
  readonly instances: number;
  /** Outdated instances are to be replaced, within the bounds of the upgrade strategy. */
  readonly rolling: boolean;
  readonly upgradeStrategy: UpgradeStrategy;
}

/** What brings an app nearer to its target now. */
export interface Decision {
  /** Instances to launch. */
  readonly launch: number;
  /** Outdated instances to kill that are not ready: costs no capacity. */
  readonly killOutdatedUnready: number;
  /** Ready outdated instances to kill. */
  readonly killOutdatedReady: number;
  /** Instances to kill because there are too many, by the kill selection. */
  readonly killSurplus: number;
}

/** The bounds within which a rolling upgrade moves. */
export interface UpgradeBounds {
  /** Ready instances that must stay. */
  readonly readyMin: number;
  /** Instances that may take a place at the same time. */
  readonly occupiedMax: number;
}

/**
 * The bounds of an upgrade to `instances`: capacities are rounded so that they are never undercut and
 * never exceeded. Where they would leave no room to move, one instance more than wanted is allowed
 * (as Marathon does). Rule MAR20.
 */
export function upgradeBounds(instances: number, strategy: UpgradeStrategy): UpgradeBounds {
  const readyMin = Math.ceil(instances * strategy.minimumHealthCapacity);
  const over = Math.floor(instances * (1 + strategy.maximumOverCapacity));
  const stuck = readyMin >= instances && over <= instances;
  return { readyMin, occupiedMax: stuck ? instances + 1 : over };
}

/**
 * What to do next for an app, from counts alone. Called after every change; doing nothing is the
 * common answer. Rules MAR18–MAR21.
 *
 * Invariant: after the decision `occupied` is at most the larger of what it was and the bound, and a
 * rolling upgrade never takes the number of ready instances below `readyMin` by its own kills.
 */
export function decide(target: Target, tally: Tally): Decision {
  return target.rolling ? decideRolling(target, tally) : decideSteady(target, tally);
}

function decideSteady(target: Target, tally: Tally): Decision {
  return {
    launch: Math.max(0, target.instances - tally.occupied),
    killOutdatedUnready: 0,
    killOutdatedReady: 0,
    killSurplus: Math.max(0, tally.live - target.instances),
  };
}

function decideRolling(target: Target, tally: Tally): Decision {
  const { readyMin, occupiedMax } = upgradeBounds(target.instances, target.upgradeStrategy);
  const killOutdatedUnready = tally.outdated - tally.outdatedReady;
  const spare = Math.max(0, tally.ready - readyMin);
  const missing = Math.max(0, target.instances - tally.current);
  return {
    launch: Math.max(0, Math.min(missing, occupiedMax - tally.occupied)),
    killOutdatedUnready,
    killOutdatedReady: Math.min(tally.outdatedReady, spare),
    killSurplus: Math.max(0, tally.current - target.instances),
  };
}
