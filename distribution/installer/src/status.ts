import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Cgroups } from "@tutti/containerizer";
import { controllerDir } from "@tutti/containerizer/core";
import { containersCgroup, systemCgroup } from "./machine/cgroups.ts";
import { lookAt } from "./machine/keepers.ts";
import { clusterPaths, type ClusterPaths } from "./machine/paths.ts";
import {
  commandLineOf,
  factsOf,
  pidsMentioning,
  readText,
  type ProcessFacts,
} from "./machine/processes.ts";
import type { ClusterFile } from "./plan/cluster-file.ts";
import type { ProcessName } from "@tutti/node";

/** One process; `pid` 0 stands for one that should run and does not. */
export interface ProcessStatus extends ProcessFacts {
  readonly name: string;
  /** Of a keeper: the process that it starts again. */
  readonly of?: string;
  /** An agent that an operator has given up for ever: it should not run. */
  readonly isGone?: true;
}

/** One machine with its processes. */
export interface MachineStatus {
  readonly name: string;
  readonly ip: string;
  readonly role: "master" | "agent" | "public";
  readonly processes: readonly ProcessStatus[];
}

/**
 * What runs on each machine: the processes that should, the small ones around them, then the first process
 * of each task as `task ID`.
 */
export function clusterStatus(dir: string, cluster: ClusterFile): readonly MachineStatus[] {
  const paths = clusterPaths(dir, cluster);
  return [
    ...cluster.masters.map((machine) =>
      machineStatus(cluster, paths, { ...machine, role: "master" }, ["master", "services", "node"]),
    ),
    ...cluster.agents.map((machine) =>
      machineStatus(cluster, paths, { ...machine, role: machine.public ? "public" : "agent" }, [
        "agent",
        "node",
      ]),
    ),
  ];
}

function machineStatus(
  cluster: ClusterFile,
  paths: ClusterPaths,
  machine: Pick<MachineStatus, "name" | "ip" | "role">,
  names: readonly ProcessName[],
): MachineStatus {
  const main = names.map((name) => {
    const { pid, isGone } = lookAt(paths, { machine: machine.name, name });
    const facts = (pid && factsOf(pid)) || { pid: 0, rssMb: 0, pssMb: 0, uptimeS: 0 };
    return { name, ...facts, ...(isGone ? { isGone: true as const } : {}) };
  });
  const unkept = names
    .filter((name) => {
      const { keeperPid, isGone } = lookAt(paths, { machine: machine.name, name });
      return keeperPid === undefined && !isGone;
    })
    .map((of) => ({ name: "keeper", of, pid: 0, rssMb: 0, pssMb: 0, uptimeS: 0 }));
  const known = new Set(main.map(({ pid }) => pid));
  const keepers = new Map(
    names.map((of) => [lookAt(paths, { machine: machine.name, name: of }).keeperPid, of]),
  );
  const around = ownPids(cluster, paths, machine.name)
    .filter((pid) => !known.has(pid))
    .flatMap((pid) => {
      const facts = factsOf(pid);
      if (facts === undefined) return [];
      const of = keepers.get(pid);
      return [{ name: nameOf(pid), ...(of === undefined ? {} : { of }), ...facts }];
    });
  const tasks = tasksOf(cluster, paths, machine.name);
  const { name, ip, role } = machine;
  return { name, ip, role, processes: [...main, ...unkept, ...around, ...tasks] };
}

/** The first process of each container of a machine. */
function tasksOf(cluster: ClusterFile, paths: ClusterPaths, machine: string): ProcessStatus[] {
  if (cluster.network !== "namespaces") return [];
  const group = containersCgroup(paths.names.cgroup, machine);
  const dir = controllerDir(new Cgroups().layout, "memory", group);
  if (dir === undefined || !existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const text = readText(join(dir, entry.name, "cgroup.procs")) ?? "";
      const [first] = text.split("\n").filter((pid) => pid !== "");
      const facts = first === undefined ? undefined : factsOf(Number(first));
      return facts === undefined ? [] : [{ name: `task ${taskIdOf(facts.pid)}`, ...facts }];
    });
}

/** The id that a task is told in its environment; for other frameworks' tasks the executor's. */
function taskIdOf(pid: number): string {
  const words = (readText(`/proc/${String(pid)}/environ`) ?? "").split("\0");
  const valueOf = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  return valueOf("MESOS_TASK_ID") ?? valueOf("MESOS_EXECUTOR_ID") ?? "?";
}

/** Pids of a machine's own processes: keepers, launchers, supervisors of containers. */
function ownPids(cluster: ClusterFile, paths: ClusterPaths, machine: string): readonly number[] {
  if (cluster.network === "namespaces") {
    const group = systemCgroup(paths.names.cgroup, machine);
    const dir = controllerDir(new Cgroups().layout, "memory", group);
    const text = dir === undefined ? "" : (readText(join(dir, "cgroup.procs")) ?? "");
    return text
      .split("\n")
      .filter((pid) => pid !== "")
      .map(Number);
  }
  return pidsMentioning([paths.runDir(machine)]).filter((pid) =>
    commandLineOf(pid).some((word) => isScript(word) || word.startsWith("tutti-logger ")),
  );
}

function nameOf(pid: number): string {
  const words = commandLineOf(pid);
  // A logger has given itself a name and says after it whose it is.
  const own = words[0]?.split(" ")[0] ?? "";
  const program = /(^|\/)(sh|perl)$/.test(own) ? (words.find(isScript) ?? own) : own;
  return program.slice(program.lastIndexOf("/") + 1).replace(/\.(sh|pl)$/, "");
}

const isScript = (word: string): boolean => /\.(sh|pl)$/.test(word);

/** The status as a table for people: one line a process, the small ones around it summed up in one. */
export function formatStatus(cluster: ClusterFile, machines: readonly MachineStatus[]): string {
  const rows = [["MACHINE", "ADDRESS", "PROCESS", "PID", "PSS MB", "RSS MB", "UP"]];
  for (const machine of machines) {
    for (const process of summedUp(machine.processes))
      rows.push([
        machine.name,
        machine.ip,
        process.name,
        process.pids,
        process.pssMb.toFixed(1),
        process.rssMb.toFixed(1),
        formatUptime(process.uptimeS),
      ]);
  }
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const all = machines.flatMap((machine) => machine.processes);
  const own = all.filter((process) => !process.name.startsWith("task "));
  const total = own.reduce((sum, process) => sum + process.pssMb, 0);
  return [
    `cluster ${cluster.name}: master ${cluster.masterUrl}, Marathon ${cluster.marathonUrl}`,
    ...lines,
    ...legend(own),
    ...deathsOf(machines),
    `${String(own.filter((p) => p.pid > 0).length)} processes, ${total.toFixed(0)} MB in proportion (Pss), without the tasks`,
  ].join("\n");
}

/** What the small ones are for, of those that are there. */
function legend(processes: readonly ProcessStatus[]): readonly string[] {
  const there = new Set(processes.map(({ name }) => name));
  const known = Object.entries(purposes).filter(([name]) => there.has(name));
  return known.length === 0
    ? []
    : [known.map(([name, purpose]) => `${name}: ${purpose}`).join("; ")];
}

const purposes: Readonly<Record<string, string>> = {
  keeper: "starts its process again",
  launcher: "starts containers for an agent",
  conmon: "supervises a container",
  "tutti-logger": "bounds a container's output",
  nft: "changes the rules of virtual IPs",
  ip: "changes routes and addresses",
  sh: "a shell in which the node process runs nft and the like",
};

/** What is dead, by name, and whether it comes back by itself. */
function deathsOf(machines: readonly MachineStatus[]): readonly string[] {
  const dead = machines.flatMap(({ name, processes }) =>
    processes
      .filter(({ pid, isGone }) => pid === 0 && isGone !== true)
      .map((process) => ({ machine: name, process })),
  );
  const gone = machines.filter(({ processes }) => processes.some(({ isGone }) => isGone === true));
  const unkept = new Set(
    dead.flatMap(({ machine, process: { of } }) => (of === undefined ? [] : [`${machine} ${of}`])),
  );
  const main = dead.filter(({ process }) => process.of === undefined);
  const kept = main.filter(({ machine, process }) => !unkept.has(`${machine} ${process.name}`));
  return [
    ...gone.map(
      ({ name }) =>
        `${name}: removed from the cluster for ever by an operator; with its work directory empty ./tutti up makes a new machine of it`,
    ),
    ...(kept.length === 0
      ? []
      : [`${placesOf(kept)}: ended; started again by itself within a moment`]),
    ...(unkept.size === 0
      ? []
      : [
          `nobody keeps ${[...unkept].map((place) => place.replace(" ", "/")).join(", ")}: ./tutti up makes the cluster whole`,
        ]),
  ];
}

function placesOf(
  dead: readonly { readonly machine: string; readonly process: ProcessStatus }[],
): string {
  return dead.map(({ machine, process }) => `${machine}/${process.name}`).join(", ");
}

function summedUp(
  processes: readonly ProcessStatus[],
): readonly (ProcessStatus & { readonly pids: string })[] {
  const groups = new Map<string, ProcessStatus[]>();
  for (const process of processes)
    groups.set(keyOf(process), [...(groups.get(keyOf(process)) ?? []), process]);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const dead = first.isGone === true ? "removed" : "dead";
    const pids = first.pid === 0 ? dead : group.map(({ pid }) => String(pid)).join(" ");
    const { of } = first;
    if (group.length === 1)
      return [{ ...first, pids, ...(of === undefined ? {} : { name: `${first.name} of ${of}` }) }];
    const sum = (of: (p: ProcessStatus) => number): number => group.reduce((s, p) => s + of(p), 0);
    return [
      {
        ...first,
        pids,
        name: `${first.name} ×${String(group.length)}`,
        pssMb: sum((p) => p.pssMb),
        rssMb: sum((p) => p.rssMb),
        uptimeS: Math.max(...group.map((p) => p.uptimeS)),
      },
    ];
  });
}

/** Dead ones are not summed up with those that live. */
function keyOf(process: ProcessStatus): string {
  return `${process.name} ${process.pid === 0 ? `dead ${process.of ?? ""}` : ""}`;
}

function formatUptime(seconds: number): string {
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7200) return `${String(Math.floor(seconds / 60))} min`;
  return `${String(Math.floor(seconds / 3600))} h`;
}
