import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { parseCapabilityMask } from "./core/capabilities.ts";
import type { CgroupLayout } from "./core/cgroup.ts";
import { Cgroups } from "./machine/cgroups.ts";

/** What this machine offers for containers. */
export interface Detected {
  readonly cgroups: Cgroups;
  readonly capabilities: ReadonlySet<string>;
  readonly openFilesMax: number;
  readonly runtimePath: string | undefined;
  readonly initPath: string | undefined;
  /** One sentence for each thing that OCI containers need and this machine lacks. */
  readonly lacks: readonly string[];
}

/** Looks at the machine. `runtime` restricts the search to one runtime. */
export function detect(runtime?: "crun" | "runc"): Detected {
  const cgroups = new Cgroups();
  const status = readFileSync("/proc/self/status", "latin1");
  const effective = parseCapabilityMask(/^CapEff:\s+(\S+)$/m.exec(status)?.[1] ?? "0");
  const bounding = parseCapabilityMask(/^CapBnd:\s+(\S+)$/m.exec(status)?.[1] ?? "0");
  const capabilities = new Set([...effective].filter((name) => bounding.has(name)));
  const runtimePath = (runtime === undefined ? ["crun", "runc"] : [runtime])
    .map(findProgram)
    .find((path) => path !== undefined);
  const initPath = findProgram("tini");
  const lacks: string[] = [];
  if (process.getuid?.() !== 0) lacks.push("this process is not root");
  else if (!capabilities.has("CAP_SYS_ADMIN"))
    lacks.push("this process lacks the capability CAP_SYS_ADMIN");
  if (runtimePath === undefined) lacks.push("no container runtime (package crun or runc)");
  if (findProgram("conmon") === undefined) lacks.push("no container supervisor (package conmon)");
  if (initPath === undefined) lacks.push("no init for containers (package tini)");
  for (const program of ["unshare", "setsid"])
    if (findProgram(program) === undefined) lacks.push(`no ${program} (package util-linux)`);
  lacks.push(...cgroupLacks(cgroups.layout));
  return {
    cgroups,
    capabilities,
    openFilesMax: hardOpenFiles(),
    runtimePath,
    initPath,
    lacks,
  };
}

function cgroupLacks(layout: CgroupLayout): readonly string[] {
  switch (layout.version) {
    case "none":
      return ["no cgroup file system is mounted"];
    case "v2":
      return writable(layout.root) ? [] : [`${layout.root} cannot be written`];
    case "v1":
      return ["cpu", "cpuacct", "memory", "pids"].flatMap((controller) => {
        const mount = layout.controllers.get(controller);
        if (mount === undefined) return [`no cgroup controller ${controller}`];
        return writable(mount) ? [] : [`${mount} cannot be written`];
      });
  }
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function hardOpenFiles(): number {
  const text = readFileSync("/proc/self/limits", "latin1");
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  return hard === undefined || hard === "unlimited" ? 1_048_576 : Number(hard);
}

/** The absolute path of a program, looked for where a system keeps its programs whatever PATH says. */
export function findProgram(name: string): string | undefined {
  const dirs = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin"];
  return dirs.map((dir) => `${dir}/${name}`).find((path) => existsSync(path));
}
