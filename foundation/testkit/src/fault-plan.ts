import { assert } from "@tutti/base";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedNetwork } from "./simulated-network.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** One thing that goes wrong, from `atMs` on for `durationMs`. */
export type PlannedFault =
  /** The process is killed and started again at the end. */
  | {
      readonly type: "crash";
      readonly node: string;
      readonly atMs: number;
      readonly durationMs: number;
    }
  /** The process is stopped (SIGSTOP) and goes on at the end. */
  | {
      readonly type: "pause";
      readonly node: string;
      readonly atMs: number;
      readonly durationMs: number;
    }
  /** The node reaches nobody, or cannot be reached, or both. */
  | {
      readonly type: "isolate";
      readonly node: string;
      readonly direction: "both" | "out" | "in";
      readonly atMs: number;
      readonly durationMs: number;
    }
  /** All links become slow, lossy and doubling. */
  | {
      readonly type: "storm";
      readonly loss: number;
      readonly duplication: number;
      readonly delayMsMax: number;
      readonly atMs: number;
      readonly durationMs: number;
    }
  /** The wall clock jumps once. */
  | {
      readonly type: "clockJump";
      readonly node: string;
      readonly byMs: number;
      readonly atMs: number;
      readonly durationMs: 0;
    };

/** What a plan may contain. */
interface FaultPlanOptions {
  /** Nodes that may fail. */
  readonly nodes: readonly string[];
  readonly fromMs: number;
  /** All faults are over by then. */
  readonly untilMs: number;
  readonly count: number;
  readonly types?: readonly PlannedFault["type"][];
  /** The longest fault. Default 60 s. */
  readonly durationMsMax?: number;
}

const ALL_TYPES: readonly PlannedFault["type"][] = [
  "crash",
  "pause",
  "isolate",
  "storm",
  "clockJump",
];

/** Draws a plan of faults, ordered by time, that are all over by `untilMs`. */
export function planFaults(
  random: SeededRandom,
  options: FaultPlanOptions,
): readonly PlannedFault[] {
  const { fromMs, untilMs, count, types = ALL_TYPES, durationMsMax = 60_000 } = options;
  assert(untilMs > fromMs, "a plan of faults needs some time");
  const faults = Array.from({ length: count }, () => {
    const atMs = Math.floor(random.between(fromMs, untilMs));
    const durationMs = Math.floor(random.between(1, Math.min(durationMsMax, untilMs - atMs) + 1));
    return drawFault(random, {
      type: random.pick(types),
      node: random.pick(options.nodes),
      atMs,
      durationMs,
    });
  });
  return faults.sort((left, right) => left.atMs - right.atMs);
}

interface Draw {
  readonly type: PlannedFault["type"];
  readonly node: string;
  readonly atMs: number;
  readonly durationMs: number;
}

function drawFault(random: SeededRandom, { type, node, atMs, durationMs }: Draw): PlannedFault {
  switch (type) {
    case "crash":
    case "pause":
      return { type, node, atMs, durationMs };
    case "isolate":
      return {
        type,
        node,
        direction: random.pick(["both", "both", "out", "in"] as const),
        atMs,
        durationMs,
      };
    case "storm": {
      const [loss, duplication] = [random.between(0, 0.2), random.between(0, 0.2)];
      return { type, loss, duplication, delayMsMax: random.between(10, 2000), atMs, durationMs };
    }
    case "clockJump":
      return {
        type,
        node,
        byMs: Math.floor(random.between(-3_600_000, 3_600_000)),
        atMs,
        durationMs: 0,
      };
  }
}

/** Where a plan is carried out. */
interface FaultTarget {
  readonly world: SimulatedWorld;
  readonly network: SimulatedNetwork;
  /** Every node a fault may cut off from, the ensemble included. */
  readonly peers: readonly string[];
  /** Starts the loops of a node that was restarted. */
  readonly restarted: (node: string) => void;
  /** Told of each fault as it begins and ends. */
  readonly told?: (text: string) => void;
}

/**
 * Carries a plan out: overlapping faults of one kind on one node are one fault that ends with the
 * last of them.
 */
export function carryOutFaults(plan: readonly PlannedFault[], target: FaultTarget): void {
  const reasons = new Map<string, number>();
  for (const fault of plan) {
    const key = `${fault.type} ${"node" in fault ? fault.node : ""} ${"direction" in fault ? fault.direction : ""}`;
    target.world.after(fault.atMs - target.world.nowMs(), () => {
      target.told?.(`${fault.type}${"node" in fault ? ` ${fault.node}` : ""} begins`);
      reasons.set(key, (reasons.get(key) ?? 0) + 1);
      begin(fault, target);
    });
    target.world.after(fault.atMs + fault.durationMs - target.world.nowMs(), () => {
      const left = (reasons.get(key) ?? 1) - 1;
      reasons.set(key, left);
      if (left === 0) {
        target.told?.(`${fault.type}${"node" in fault ? ` ${fault.node}` : ""} ends`);
        end(fault, target);
      }
    });
  }
}

function begin(fault: PlannedFault, { world, network, peers }: FaultTarget): void {
  switch (fault.type) {
    case "crash": {
      const node = world.node(fault.node);
      if (node.state !== "down") node.crash();
      break;
    }
    case "pause":
      world.node(fault.node).pause();
      break;
    case "isolate":
      for (const [from, to] of directionsOf(fault, peers)) network.cut(from, to);
      break;
    case "storm":
      network.setDefaults({
        loss: fault.loss,
        duplication: fault.duplication,
        delayMsMax: fault.delayMsMax,
      });
      break;
    case "clockJump":
      world.node(fault.node).jumpWall(fault.byMs);
      break;
  }
}

function end(fault: PlannedFault, { world, network, peers, restarted }: FaultTarget): void {
  switch (fault.type) {
    case "crash": {
      const node = world.node(fault.node);
      if (node.state !== "down") break;
      node.restart();
      restarted(fault.node);
      break;
    }
    case "pause":
      world.node(fault.node).resume();
      break;
    case "isolate":
      for (const [from, to] of directionsOf(fault, peers)) network.mend(from, to);
      break;
    case "storm":
      network.setDefaults({});
      break;
    case "clockJump":
      break;
  }
}

function directionsOf(
  fault: Extract<PlannedFault, { readonly type: "isolate" }>,
  peers: readonly string[],
): [string, string][] {
  const others = peers.filter((peer) => peer !== fault.node);
  const out = others.map((peer): [string, string] => [fault.node, peer]);
  const back = others.map((peer): [string, string] => [peer, fault.node]);
  if (fault.direction === "both") return [...out, ...back];
  return fault.direction === "out" ? out : back;
}
