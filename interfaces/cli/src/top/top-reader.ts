import { ok } from "@tutti/base";
import type { AppInfo, MarathonInfo } from "@tutti/marathon-v2";
import { agentUrl, readAgentLists } from "../agents.ts";
import { limits } from "../limits.ts";
import { nodesOf, readGone } from "../nodes.ts";
import type { Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";
import { agentsToAsk, buildView, type SummaryAgent, type TopAnswers } from "./build-view.ts";
import { eachInFlight } from "./in-flight.ts";
import type { TopView } from "./top-view.ts";
import { type ContainerStatistics, UsageMeter } from "./usage-meter.ts";

/** One agent may take this part of a round, so that a few that are dead do not take all of it. */
const patienceShare = 3;

/**
 * Looks at the cluster again and again. Each look takes a bounded time, first for master and Marathon, then
 * for all agents: who does not answer within it is shown as silent, and asked last the next time.
 */
export class TopReader {
  readonly #session: Session;
  readonly #meter = new UsageMeter();
  readonly #silent = new Set<string>();
  #frameworkId: string | undefined;
  #apps: readonly AppInfo[] = [];

  readonly #roundMs: number;

  constructor(session: Session, roundMs: number = limits.topRoundMs) {
    this.#session = session;
    this.#roundMs = roundMs;
  }

  /** Refuses when the master does not answer: without it nothing is known. */
  async look(): Promise<Outcome<TopView>> {
    const { master, target } = this.#session;
    const problems: string[] = [];
    const [summary] = await Promise.all([
      master.call<{ readonly slaves: readonly SummaryAgent[] }>({
        path: "/state-summary",
        timeoutMs: this.#roundMs,
      }),
      this.#askMarathon(problems),
    ]);
    if (!summary.ok) return summary;
    const agents = summary.value.slaves;
    await this.#askAgents(agents, performance.now() + this.#roundMs);
    return ok(
      buildView({
        at: new Date().toISOString(),
        cluster: target.cluster,
        agents,
        apps: this.#apps,
        frameworkId: this.#frameworkId,
        usageOf: (agentId) => this.#meter.usageOf(agentId),
        silent: this.#silent,
        problems,
        ...(await this.#readMissing(agents)),
      }),
    );
  }

  /** Of machines that are not there: whether the master waits for them, and whether they were removed for ever. */
  async #readMissing(
    agents: readonly SummaryAgent[],
  ): Promise<Pick<TopAnswers, "recovered" | "gone">> {
    const nodes = nodesOf({ agents, recovered: [] }, this.#session.target.cluster);
    if (nodes.every(({ status }) => status !== "unregistered")) return { recovered: [] };
    const lists = await readAgentLists(this.#session, this.#roundMs);
    const recovered = lists.ok ? lists.value.recovered : [];
    return { recovered, gone: await readGone(this.#session, { agents, recovered }) };
  }

  /** While Marathon is away its last answer is shown. */
  async #askMarathon(problems: string[]): Promise<void> {
    const { marathon } = this.#session;
    const timeoutMs = this.#roundMs;
    const [apps, info] = await Promise.all([
      marathon.call<{ readonly apps: readonly AppInfo[] }>({
        path: "/v2/apps?embed=apps.counts&embed=apps.deployments",
        timeoutMs,
      }),
      this.#frameworkId === undefined
        ? marathon.call<MarathonInfo>({ path: "/v2/info", timeoutMs })
        : undefined,
    ]);
    if (info?.ok === true) this.#frameworkId = info.value.frameworkId;
    if (apps.ok) this.#apps = apps.value.apps;
    else problems.push(apps.error.message);
  }

  async #askAgents(agents: readonly SummaryAgent[], endsMs: number): Promise<void> {
    const asked = agentsToAsk(agents);
    const known = new Set(asked.map(({ id }) => id));
    for (const id of this.#silent) if (!known.has(id)) this.#silent.delete(id);
    this.#meter.keepOnly(known);
    const order = [
      ...asked.filter(({ id }) => !this.#silent.has(id)),
      ...asked.filter(({ id }) => this.#silent.has(id)),
    ];
    await eachInFlight(order, limits.topInFlightMax, (agent) => this.#askAgent(agent, endsMs));
  }

  async #askAgent(agent: SummaryAgent, endsMs: number): Promise<void> {
    const leftMs = Math.floor(endsMs - performance.now());
    // Too late for this round: what was known stays.
    if (leftMs <= 0) return;
    // Those that were silent come last, and may take all the time there is.
    const patienceMs = Math.ceil(this.#roundMs / patienceShare);
    const timeoutMs = this.#silent.has(agent.id) ? leftMs : Math.min(leftMs, patienceMs);
    const answer = await this.#session
      .service(`Agent ${agent.hostname}`, agentUrl(agent))
      .call<readonly ContainerStatistics[]>({ path: "/monitor/statistics", timeoutMs });
    if (answer.ok) {
      this.#silent.delete(agent.id);
      this.#meter.take(agent.id, answer.value);
    } else {
      this.#silent.add(agent.id);
      this.#meter.forget(agent.id);
    }
  }
}
