import { lookAt } from "./machine/keepers.ts";
import { clusterFilePath, clusterPaths } from "./machine/paths.ts";
import { readText } from "./machine/processes.ts";
import { parseClusterFile, type ClusterFile } from "./plan/cluster-file.ts";

/** The machines of a directory's cluster that an operator has removed for ever, by name. */
export async function goneMachines(dir: string): Promise<readonly string[]> {
  const cluster = parseClusterFile(readText(clusterFilePath(dir)) ?? "");
  return Promise.resolve(cluster === undefined ? [] : goneOf(dir, cluster));
}

/** The same of a cluster that is known. */
export function goneOf(dir: string, cluster: ClusterFile): readonly string[] {
  const paths = clusterPaths(dir, cluster);
  return cluster.agents
    .map(({ name }) => name)
    .filter((machine) => lookAt(paths, { machine, name: "agent" }).isGone);
}
