/** What an agent's `/monitor/statistics` says of one container. */
export interface ContainerStatistics {
  readonly executor_id: string;
  readonly framework_id: string;
  readonly statistics: {
    /** Seconds since 1970. */
    readonly timestamp?: number;
    readonly cpus_user_time_secs?: number;
    readonly cpus_system_time_secs?: number;
    readonly mem_rss_bytes?: number;
    readonly mem_total_bytes?: number;
  };
}

/** What a container uses. */
export interface ContainerUsage {
  readonly executorId: string;
  readonly frameworkId: string;
  /** Cpus of the time between the last two looks; undefined: there was one look. */
  readonly cpus: number | undefined;
  readonly memMb: number;
}

interface Reading extends ContainerUsage {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const mb = 1024 * 1024;

/** Makes of what containers have used so far what they use now: two looks are needed. */
export class UsageMeter {
  readonly #byAgent = new Map<string, ReadonlyMap<string, Reading>>();

  /** Takes in what an agent says; containers it does not speak of are forgotten. */
  take(agentId: string, containers: readonly ContainerStatistics[]): void {
    const before = this.#byAgent.get(agentId);
    const readings = new Map<string, Reading>();
    for (const container of containers) {
      const key = `${container.framework_id} ${container.executor_id}`;
      readings.set(key, readingOf(container, before?.get(key)));
    }
    this.#byAgent.set(agentId, readings);
  }

  /** The agent does not answer: what its containers use is not known. */
  forget(agentId: string): void {
    this.#byAgent.delete(agentId);
  }

  /** Forgets agents that are gone. */
  keepOnly(agentIds: ReadonlySet<string>): void {
    for (const id of this.#byAgent.keys()) if (!agentIds.has(id)) this.#byAgent.delete(id);
  }

  /** Undefined: the agent has not answered. */
  usageOf(agentId: string): readonly ContainerUsage[] | undefined {
    const readings = this.#byAgent.get(agentId);
    return readings === undefined ? undefined : [...readings.values()];
  }
}

function readingOf(
  { executor_id: executorId, framework_id: frameworkId, statistics }: ContainerStatistics,
  before: Reading | undefined,
): Reading {
  const seconds = statistics.timestamp ?? 0;
  const cpuSeconds =
    (statistics.cpus_user_time_secs ?? 0) + (statistics.cpus_system_time_secs ?? 0);
  const memMb = (statistics.mem_rss_bytes ?? statistics.mem_total_bytes ?? 0) / mb;
  const passed = before === undefined ? 0 : seconds - before.seconds;
  // The same reading twice, or a container that was begun anew: what was known stays, or nothing is.
  const used = before === undefined ? 0 : cpuSeconds - before.cpuSeconds;
  const cpus = passed > 0 ? (used >= 0 ? used / passed : undefined) : before?.cpus;
  return { executorId, frameworkId, cpus, memMb, seconds, cpuSeconds };
}
