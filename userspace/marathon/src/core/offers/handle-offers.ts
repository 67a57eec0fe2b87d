import { compareText, present } from "@tutti/base";
import type { Env } from "@tutti/machine";
import type { Offer, TaskInfo } from "@tutti/mesos-v1";
import type { AppState } from "../app-state.ts";
import { classOf, idPrefixOf } from "../instance.ts";
import type { Instance } from "../instance.ts";
import { limits } from "../limits.ts";
import { publishInstanceChanged } from "../publish.ts";
import type { World } from "../world.ts";
import { buildTask } from "./build-task.ts";
import { matchOffer } from "./match-offer.ts";
import type { Candidate, Mismatch, Placement } from "./match-offer.ts";
import { OfferPool } from "./offer-pool.ts";
import { judgeOf } from "./task-health-check.ts";
import { shownOffer } from "./shown-offer.ts";

/** What is launched from one offer. */
type Launches = Map<OfferPool, TaskInfo[]>;

/**
 * Answers offers at once: accepts those on which waiting instances fit, declines the rest. Instances
 * are spread: each goes to the agent that has the fewest of its app. Rules MAR12–MAR15.
 *
 * Invariant: every offer is answered exactly once.
 */
export function handleOffers(world: World, env: Env, offers: readonly Offer[]): void {
  const pools = offers.map((offer) => new OfferPool(offer));
  const launches: Launches = new Map();
  const waiting = waitingApps(world, env);
  let budget: number = limits.launchesPerStepMax;
  let wantsMore = false;
  for (const app of waiting) {
    const placed = placeApp(world, env, app, pools, launches, budget);
    budget -= placed;
    wantsMore ||= placed < app.launch.wanted;
  }
  const refuseSeconds = refuseSecondsOf({ wantsMore, isOutOfBudget: budget === 0 });
  for (const [pool, tasks] of launches) {
    world.call({
      type: "ACCEPT",
      accept: {
        offer_ids: [pool.offer.id],
        operations: [{ type: "LAUNCH", launch: { task_infos: tasks } }],
        filters: { refuse_seconds: refuseSeconds },
      },
    });
  }
  const declined = pools.filter((pool) => !launches.has(pool));
  if (declined.length === 0) return;
  world.call({
    type: "DECLINE",
    decline: {
      offer_ids: declined.map(({ offer }) => offer.id),
      filters: { refuse_seconds: refuseSeconds },
    },
  });
}

/** A refusal ends early by a REVIVE, which anything new causes. */
function refuseSecondsOf(state: {
  readonly wantsMore: boolean;
  readonly isOutOfBudget: boolean;
}): number {
  if (!state.wantsMore) return limits.refuseIdleSeconds;
  return state.isOutOfBudget ? 0 : limits.refuseUnmatchedSeconds;
}

/** Apps that may launch now, the longest waiting first. */
function waitingApps(world: World, env: Env): readonly AppState[] {
  return [...world.apps.values()]
    .filter(({ launch }) => launch.wanted > 0 && !launch.isDelayed(env.monoMs))
    .sort(
      (left, right) => left.launch.sinceMs - right.launch.sinceMs || compareText(left.id, right.id),
    );
}

/** Places as many instances of an app as are wanted, fit, and `budget` allows; returns how many. */
function placeApp(
  world: World,
  env: Env,
  app: AppState,
  pools: readonly OfferPool[],
  launches: Launches,
  budget: number,
): number {
  const candidate = app.candidate();
  const others = [...app.instances.values()].filter(
    (instance) => classOf(instance) !== "away" && instance.configVersion === app.configVersion,
  );
  const perAgent = new Map<string, number>();
  for (const { agentId } of others) perAgent.set(agentId, (perAgent.get(agentId) ?? 0) + 1);
  const mismatches = new Map<OfferPool, Mismatch>();
  const used = new Set<OfferPool>();
  const open = new Set(pools);
  const allowed = Math.min(app.launch.wanted, budget);
  let placed = 0;
  while (placed < allowed) {
    const pool = fewest(open, perAgent);
    if (pool === undefined) break;
    const match = matchOffer(candidate, pool, others, env);
    if (match.type === "mismatch") {
      open.delete(pool);
      mismatches.set(pool, match);
      continue;
    }
    const instance = launch(world, env, app, candidate, pool, match, launches);
    others.push(instance);
    used.add(pool);
    perAgent.set(instance.agentId, (perAgent.get(instance.agentId) ?? 0) + 1);
    if ((launches.get(pool)?.length ?? 0) >= limits.launchesPerOfferMax) open.delete(pool);
    placed += 1;
  }
  note(app, env, used, mismatches);
  return placed;
}

/** The pool on whose agent the app has the fewest instances; the first among equals. */
function fewest(
  open: ReadonlySet<OfferPool>,
  perAgent: ReadonlyMap<string, number>,
): OfferPool | undefined {
  let best: OfferPool | undefined;
  let bestCount = Number.POSITIVE_INFINITY;
  for (const pool of open) {
    const count = perAgent.get(pool.offer.agent_id.value) ?? 0;
    if (count < bestCount) {
      best = pool;
      bestCount = count;
    }
  }
  return best;
}

function launch(
  world: World,
  env: Env,
  app: AppState,
  candidate: Candidate,
  pool: OfferPool,
  placement: Placement,
  launches: Launches,
): Instance {
  const instance = newInstance(env, app, candidate, pool, placement);
  const tasks = launches.get(pool) ?? [];
  tasks.push(buildTask(candidate.app, instance, placement.resources));
  launches.set(pool, tasks);
  world.putInstance(app, instance);
  world.timers.set(`launch:${instance.taskId}`, env.monoMs + limits.launchTimeoutMs);
  publishInstanceChanged(world, env, { ...instance, condition: "Created" });
  return instance;
}

function newInstance(
  env: Env,
  app: AppState,
  candidate: Candidate,
  pool: OfferPool,
  placement: Placement,
): Instance {
  const id = `${idPrefixOf(app.id)}.instance-${env.random.uuid()}`;
  const [check] = candidate.app.healthChecks;
  const { region, zone } = pool;
  return {
    id,
    taskId: `${id}._app.1`,
    appId: app.id,
    version: candidate.app.version,
    configVersion: app.configVersion,
    goal: "Running",
    condition: "Staging",
    taskState: "TASK_STAGING",
    role: pool.role,
    agentId: pool.offer.agent_id.value,
    host: pool.offer.hostname,
    attributes: pool.attributes,
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    hostPorts: placement.hostPorts,
    ipAddresses: [],
    healthJudge: judgeOf(check),
    failuresMax: check?.maxConsecutiveFailures ?? 0,
    stagedAtMs: env.wallMs,
    sinceMs: env.wallMs,
  };
}

function note(
  app: AppState,
  env: Env,
  used: ReadonlySet<OfferPool>,
  mismatches: ReadonlyMap<OfferPool, Mismatch>,
): void {
  for (const pool of used) {
    const { agent_id: agentId, hostname: host } = pool.offer;
    const { lack, free } = mismatches.get(pool) ?? {};
    app.launch.noteUsed(agentId.value, { host, reason: undefined, lack, free }, env.wallMs);
  }
  for (const [pool, mismatch] of mismatches) {
    if (used.has(pool)) continue;
    const host = present(pool.offer.hostname, "the host of an offer");
    app.launch.lastUnusedAtMs = env.wallMs;
    app.launch.noteUnused(
      pool.offer.agent_id.value,
      { host, reason: mismatch.reason, lack: mismatch.lack, free: mismatch.free },
      shownOffer(pool.offer, mismatch.reason, env.wallMs),
    );
  }
}
