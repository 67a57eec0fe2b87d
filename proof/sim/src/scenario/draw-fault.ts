import type { Cluster } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";
import type { FaultKind } from "./fault-kinds.ts";

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;

/** One fault: how it begins and, unless it is over at once, how it ends. */
export interface Fault {
  readonly durationMs: number;
  readonly begin: () => void;
  readonly end?: () => void;
}

/** Draws where a fault of this kind strikes, how hard and for how long. */
export function drawFault(kind: FaultKind, cluster: Cluster, random: SeededRandom): Fault {
  const agents = [...cluster.agents.keys()];
  const servers = [...cluster.masters.keys(), "marathon"];
  const master = random.pick([...cluster.masters.keys()]);
  const agent = random.pick(agents);
  const server = random.pick(servers);
  /** Servers as often as agents, though there are fewer. */
  const node = random.chance(0.5) ? server : agent;
  const client = random.pick([agent, "marathon"]);
  const lasting = (longMs: number, begin: () => void, end: () => void): Fault => ({
    durationMs: durationOf(random, longMs),
    begin,
    end,
  });
  const atOnce = (begin: () => void): Fault => ({ durationMs: 0, begin });
  const weather = (faults: Parameters<Cluster["weather"]>[0]): Fault =>
    lasting(
      60 * secondMs,
      () => cluster.weather(faults),
      () => cluster.weather(undefined),
    );
  const loss = random.between(0, 0.2);
  const duplication = random.between(0, 0.2);
  switch (kind) {
    case "crash":
      return lasting(
        60 * secondMs,
        () => cluster.crash(node),
        () => cluster.restart(node),
      );
    case "boot":
      return lasting(
        120 * secondMs,
        () => cluster.boot(agent),
        () => cluster.restart(agent),
      );
    case "stop":
      return lasting(
        120 * secondMs,
        () => cluster.pause(node),
        () => cluster.resume(node),
      );
    case "stall":
      return {
        durationMs: random.between(0.5, 15) * secondMs,
        begin: () => cluster.pause(node),
        end: () => cluster.resume(node),
      };
    case "isolation":
      return lasting(
        180 * secondMs,
        () => cluster.isolate(node, "both"),
        () => cluster.heal(node),
      );
    case "one-way cut":
      return lasting(
        180 * secondMs,
        () => cluster.isolate(node, random.pick(["out", "in"] as const)),
        () => cluster.heal(node),
      );
    case "partition":
      return lasting(
        180 * secondMs,
        () => cluster.partition(master, client),
        () => {
          cluster.heal(master);
          cluster.heal(client);
        },
      );
    case "loss":
      return weather({ loss });
    case "duplication":
      return weather({ duplication: 2 * duplication });
    case "reordering":
      return weather({ delayMsMin: 0, delayMsMax: random.between(50, secondMs) });
    case "storm":
      return weather({ loss, duplication, delayMsMax: random.between(10, 2 * secondMs) });
    case "slow link":
      return lasting(
        60 * secondMs,
        () => cluster.delay(master, client, random.between(100, 5 * secondMs)),
        () => cluster.delay(master, client, undefined),
      );
    case "half-open connection":
      return atOnce(() => cluster.halfOpen(client, random.pick(["dialer", "acceptor"] as const)));
    case "double dial":
      return atOnce(() => cluster.dialTwice(client));
    case "slow disk":
      return lasting(
        60 * secondMs,
        () => cluster.disk(node, { slowMsMax: random.between(50, 5 * secondMs) }),
        () => cluster.disk(node, {}),
      );
    case "failing disk":
      return lasting(
        30 * secondMs,
        () => cluster.disk(node, { failure: random.between(0.05, 1) }),
        () => cluster.disk(node, {}),
      );
    case "torn write":
      return lasting(
        60 * secondMs,
        () => cluster.dieInNextWrite(node),
        () => {
          cluster.disk(node, {});
          cluster.restart(node);
        },
      );
    case "clock jump":
      return atOnce(() => cluster.jumpClock(node, drawJumpMs(random)));
    case "lost session":
      return atOnce(() => cluster.loseSession(server));
    case "container failure":
      return drawContainerFailure(cluster, agent, random);
  }
}

/** Mostly short, sometimes longer than every timeout. */
function durationOf(random: SeededRandom, longMs: number): number {
  if (random.chance(0.5)) return random.between(10, 3 * secondMs);
  return random.chance(0.5) ? random.between(1, 30) * secondMs : random.between(0.2, 1) * longMs;
}

/** Half of the time a second or so, as NTP does; else minutes or an hour, as a hand does. */
function drawJumpMs(random: SeededRandom): number {
  const mostMs = random.pick([2 * secondMs, 2 * secondMs, 120 * secondMs, hourMs]);
  return random.between(-mostMs, mostMs);
}

function drawContainerFailure(cluster: Cluster, agent: string, random: SeededRandom): Fault {
  if (random.chance(0.3)) return { durationMs: 0, begin: () => cluster.killContainer(agent) };
  const faults = {
    launchFailure: random.between(0.2, 1),
    destroyFailure: random.between(0, 0.8),
    latencyMsMax: random.between(30, 20 * secondMs),
  };
  return {
    durationMs: durationOf(random, 60 * secondMs),
    begin: () => cluster.containers(agent, faults),
    end: () => cluster.containers(agent, {}),
  };
}
