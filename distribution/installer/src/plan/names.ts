/** Every name that a cluster has on its machine; all bear its short id. */
export interface ClusterNames {
  /** At most 15 characters, as the kernel allows for a device. */
  readonly bridge: string;
  readonly table: string;
  /** Cgroup path of the whole cluster. */
  readonly cgroup: string;
  /** Directory of everything that does not outlive a boot. */
  readonly runDir: string;
}

/** Characters of an id: no vowels, so that no words come out, and nothing that looks alike. */
const alphabet = "bcdfghjkmnpqrstvwxz23456789";

/** A short id of six characters from random bytes. */
export function clusterIdFrom(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 6)].map((byte) => alphabet[byte % alphabet.length] ?? "b").join("");
}

/** The names of cluster `id`. Without root there is no /run to write to: `stateDir` takes its place. */
export function clusterNames(
  id: string,
  where: { readonly root: boolean; readonly stateDir: string },
): ClusterNames {
  return {
    bridge: `tutti-${id}`,
    table: `tutti-${id}`,
    cgroup: `/tutti-${id}`,
    runDir: where.root ? `/run/tutti-${id}` : `${where.stateDir}/run-${id}`,
  };
}

/** Network namespace of a machine. */
export function namespaceName(id: string, machine: string): string {
  return `tutti-${id}-${machine}`;
}

/** The host's end of a machine's cable; `index` is the machine's place in the cluster. */
export function cableName(id: string, index: number): string {
  return `tt${id}-${String(index)}`;
}
