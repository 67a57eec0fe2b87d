import { join } from "node:path";
import { clusterDir } from "./cluster-dir.ts";
import { clusterPaths } from "./machine/paths.ts";
import type { AgentMachine, ClusterFile, MasterMachine } from "./plan/cluster-file.ts";
import type { UpOutcome } from "./up.ts";

/** The last line of `up --json`. */
export interface UpAnswer {
  readonly id: string;
  /** `tutti-ID`. */
  readonly name: string;
  readonly masterUrl: string;
  readonly marathonUrl: string;
  /** Nobody is asked for a secret. */
  readonly open: boolean;
  readonly masters: readonly MasterMachine[];
  readonly agents: readonly Pick<AgentMachine, "name" | "ip" | "public">[];
  /** Absent where none is asked for. */
  readonly secret?: string;
}

/** What programs are told of a cluster. */
export function upAnswer(cluster: ClusterFile): UpAnswer {
  return {
    id: cluster.id,
    name: cluster.name,
    masterUrl: cluster.masterUrl,
    marathonUrl: cluster.marathonUrl,
    open: cluster.open,
    masters: cluster.masters.map(({ name, ip }) => ({ name, ip })),
    agents: cluster.agents.map(({ name, ip, public: isPublic }) => ({
      name,
      ip,
      public: isPublic,
    })),
    ...(cluster.open ? {} : { secret: cluster.secret }),
  };
}

/** What people are told at the end of `up`. */
export function formatUp({ cluster, ranAlready, sample, leftOut }: UpOutcome, dir: string): string {
  const where = dir === clusterDir(undefined) ? "" : ` --dir ${quotedPath(dir)}`;
  const next = ["app list", "task list", "status", "down"].map((c) => `./tutti ${c}${where}`);
  const there = cluster.agents.filter(({ name }) => !leftOut.includes(name));
  const agents = there.filter((agent) => !agent.public).length;
  const publicAgents = there.length - agents;
  const { machinesDir } = clusterPaths(dir, cluster);
  const lines = [
    "",
    `${cluster.name} ${ranAlready ? "runs already" : "is up"}: 1 master, ${String(agents)} private and ${String(publicAgents)} public agents`,
    `  master    ${cluster.masterUrl}`,
    `  Marathon  ${cluster.marathonUrl}`,
    cluster.open
      ? "  login     none: the cluster was started with --open"
      : `  login     what changes something needs:  Authorization: Bearer ${cluster.secret}`,
    ...sample.map((address) => `  sample    ${address}`),
    ...leftOut.map(
      (name) =>
        `  left out  ${name}, which was removed for ever: as a new machine it comes back by\n            rm -rf ${quotedPath(join(machinesDir, name, "work"))}, then ./tutti up${where}`,
    ),
    `  next      ${next.join("\n            ")}`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** As a shell takes it. */
function quotedPath(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path}'`;
}
