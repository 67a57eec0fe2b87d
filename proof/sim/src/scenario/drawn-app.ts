import type { AppHealthCheckInput, AppInput } from "@tutti/marathon-v2";
import type { SeededRandom } from "@tutti/testkit";

/** What of an app a user changes later, and what an app ends up with. */
export interface Definition {
  readonly instances: number;
  readonly cmd: string;
}

const healthTimes = { gracePeriodSeconds: 5, timeoutSeconds: 5, maxConsecutiveFailures: 3 };

/** Draws an app with its placement, its checks and the faults of its program. */
export function drawApp(random: SeededRandom, id: string, generation: number): AppInput {
  const place = drawPlace(random);
  const check = drawCheck(random);
  return {
    id,
    cmd: drawCommand(random, generation, check !== undefined),
    cpus: random.pick([0.1, 0.2, 0.3]),
    mem: random.pick([32, 64, 128]),
    instances: random.below(place.instancesMax + 1),
    backoffSeconds: 1,
    maxLaunchDelaySeconds: random.pick([10, 60]),
    upgradeStrategy: random.pick([
      { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
      { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      { minimumHealthCapacity: 0.8, maximumOverCapacity: 0.5 },
    ]),
    killSelection: random.pick(["YOUNGEST_FIRST", "OLDEST_FIRST"]),
    ...(random.chance(0.4) ? { taskKillGracePeriodSeconds: 1 + random.below(8) } : {}),
    ...(random.chance(0.5) ? { unreachableStrategy: drawUnreachable(random) } : {}),
    ...(check === undefined ? {} : { healthChecks: [check] }),
    portDefinitions: Array.from({ length: check === undefined ? random.below(3) : 1 }, () => ({
      port: 0,
    })),
    ...place.input,
  };
}

/** A command of a new version: mostly sound, sometimes with a fault that ends when the weather is calm. */
export function drawCommand(random: SeededRandom, generation: number, hasCheck: boolean): string {
  const trouble = hasCheck && random.chance(0.35) ? drawSickness(random) : drawEnd(random);
  return ["run", `v ${generation}`, ...drawStop(random), ...trouble].join("; ");
}

function drawStop(random: SeededRandom): readonly string[] {
  const roll = random.next();
  if (roll < 0.2) return ["deaf"];
  return roll < 0.35 ? [`slow ${random.below(4000)}`] : [];
}

function drawSickness(random: SeededRandom): readonly string[] {
  if (random.chance(0.5)) return [`sick until ${1000 + random.below(3000)}`];
  return [`sick after ${random.below(120_000)}`];
}

function drawEnd(random: SeededRandom): readonly string[] {
  const roll = random.next();
  if (roll < 0.1) return [`flaky 1 every ${10_000 + random.below(120_000)}`];
  if (roll < 0.15) return [`exit 0 after ${random.below(60_000)}`];
  return roll < 0.2 ? [`oom after ${random.below(60_000)}`] : [];
}

interface Place {
  readonly input: Partial<AppInput>;
  /** More may find no room at the end. */
  readonly instancesMax: number;
}

function drawPlace(random: SeededRandom): Place {
  const kind = random.below(10);
  switch (kind) {
    case 0:
      return { input: { constraints: [["hostname", "UNIQUE"]] }, instancesMax: 3 };
    case 1:
      return { input: { constraints: [["rack", "LIKE", "[ab]"]] }, instancesMax: 4 };
    case 2:
      return { input: { constraints: [["rack", "CLUSTER", "a"]] }, instancesMax: 3 };
    case 3:
      return { input: { acceptedResourceRoles: ["slave_public"] }, instancesMax: 3 };
    default:
      return { input: {}, instancesMax: 6 };
  }
}

function drawCheck(random: SeededRandom): AppHealthCheckInput | undefined {
  const timing = { ...healthTimes, intervalSeconds: 3 + random.below(10) };
  switch (random.below(8)) {
    case 0:
      return { ...timing, protocol: "HTTP", path: "/health", portIndex: 0 };
    case 1:
      return { ...timing, protocol: "MESOS_TCP", portIndex: 0 };
    case 2:
      return { ...timing, protocol: "COMMAND", command: { value: "check" } };
    case 3:
      return { ...timing, protocol: "TCP", portIndex: 0 };
    default:
      return undefined;
  }
}

function drawUnreachable(random: SeededRandom): NonNullable<AppInput["unreachableStrategy"]> {
  return random.pick([
    "disabled",
    { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    { inactiveAfterSeconds: 30, expungeAfterSeconds: 60 },
  ]);
}
