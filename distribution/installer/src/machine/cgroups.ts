import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Cgroups } from "@tutti/containerizer";
import { controllerDir } from "@tutti/containerizer/core";
import { limits } from "../limits.ts";

const controllers = ["cpu", "cpuacct", "memory", "pids"] as const;

/** Cgroup path of a machine's own processes; its containers have the one beside it. */
export function systemCgroup(clusterCgroup: string, machine: string): string {
  return `${clusterCgroup}/${machine}/system`;
}

/** Cgroup path under which a machine's containers get their groups. */
export function containersCgroup(clusterCgroup: string, machine: string): string {
  return `${clusterCgroup}/${machine}/containers`;
}

/** Makes a machine's groups and answers the files through which its processes join the one for them. */
export function createMachineCgroups(clusterCgroup: string, machine: string): readonly string[] {
  const cgroups = new Cgroups();
  const path = systemCgroup(clusterCgroup, machine);
  const dirs = new Set<string>();
  for (const controller of controllers) {
    const dir = controllerDir(cgroups.layout, controller, path);
    if (dir !== undefined) dirs.add(dir);
  }
  // So that a service manager which tidies its own tree (a log-out, a restart) does not end the cluster.
  const named = cgroups.layout.version === "v1" && cgroups.layout.controllers.get("name=systemd");
  if (named) dirs.add(named + path);
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  if (cgroups.layout.version === "v2") {
    const { root } = cgroups.layout;
    mkdirSync(root + containersCgroup(clusterCgroup, machine), { recursive: true });
    for (const parent of ["", clusterCgroup, `${clusterCgroup}/${machine}`])
      delegateControllers(root + parent);
  }
  return [...dirs].map((dir) => `${dir}/cgroup.procs`);
}

/** Hands the controllers on to the children of a version 2 group, as far as it has them itself. */
function delegateControllers(dir: string): void {
  const has = readFileSync(`${dir}/cgroup.controllers`, "utf8").trim().split(" ");
  const handed = readFileSync(`${dir}/cgroup.subtree_control`, "utf8").trim().split(" ");
  for (const controller of ["cpu", "memory", "pids"].filter(
    (c) => has.includes(c) && !handed.includes(c),
  ))
    writeFileSync(`${dir}/cgroup.subtree_control`, `+${controller}`);
}

/** Whether any group of the cluster exists. */
export function hasCgroups(clusterCgroup: string): boolean {
  const { layout } = new Cgroups();
  return controllers.some((controller) => {
    const dir = controllerDir(layout, controller, clusterCgroup);
    return dir !== undefined && existsSync(dir);
  });
}

/** Kills every process in the cluster's groups and removes them. */
export async function removeCgroups(clusterCgroup: string): Promise<void> {
  if (!(await new Cgroups().remove(clusterCgroup, limits.killTimeoutMs)))
    throw new Error(`the control groups of ${clusterCgroup} do not empty`);
}
