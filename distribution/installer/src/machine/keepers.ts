import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { goneExitCode, nodeOptions } from "@tutti/node";
import { limits } from "../limits.ts";
import type { ClusterFile } from "../plan/cluster-file.ts";
import type { MachineProcess } from "../plan/machine-processes.ts";
import { createMachineCgroups } from "./cgroups.ts";
import { namespacePath } from "./network.ts";
import { checkout } from "../cluster-dir.ts";
import type { ClusterPaths } from "./paths.ts";
import { commandLineOf, endProcesses, lives, readText } from "./processes.ts";

const keeperScript = fileURLToPath(new URL("keeper.sh", import.meta.url));
const nodeProgram = join(checkout, "distribution/node/src/main.ts");

/** What is known of a kept process. */
export interface Kept {
  /** The process itself; undefined while it is down. */
  readonly pid: number | undefined;
  /** The shell that keeps it; undefined when nobody does. */
  readonly keeperPid: number | undefined;
  /** How often it has ended since its keeper started. */
  readonly exits: number;
  /** It is an agent that an operator has given up for ever: nobody keeps it. */
  readonly isGone: boolean;
}

/** Looks at the pid files; a pid that belongs to something else by now does not count. */
export function lookAt(
  paths: ClusterPaths,
  process: Pick<MachineProcess, "machine" | "name">,
): Kept {
  const base = join(paths.runDir(process.machine), process.name);
  const config = paths.configFile(process.machine, process.name);
  const pid = pidOf(`${base}.pid`, (words) => words.includes(config));
  const keeperPid = pidOf(`${base}.keeper`, (words) => words.includes(keeperScript));
  const exits = (readText(`${base}.exits`) ?? "").split("\n").slice(0, -1);
  const isGone =
    keeperPid === undefined &&
    exits.at(-1)?.split(" ")[0] === String(goneExitCode) &&
    hasEntries(paths.workDirOnDisk(process.machine));
  return { pid, keeperPid, exits: exits.length, isGone };
}

/** With an empty work directory an agent is a new one. */
function hasEntries(dir: string): boolean {
  return existsSync(dir) && readdirSync(dir).length > 0;
}

function pidOf(file: string, isOurs: (words: readonly string[]) => boolean): number | undefined {
  const pid = Number(readText(file) ?? 0);
  return pid > 1 && lives(pid) && isOurs(commandLineOf(pid)) ? pid : undefined;
}

/** Makes the directories of the process's machine and writes down what it is told. */
export function prepare(paths: ClusterPaths, process: MachineProcess): void {
  const { machine, name } = process;
  mkdirSync(paths.machineDir(machine), { recursive: true, mode: 0o700 });
  mkdirSync(dirname(paths.logFile(machine, name)), { recursive: true });
  mkdirSync(paths.runDir(machine), { recursive: true, mode: 0o755 });
  if (name === "agent") {
    mkdirSync(paths.workDirOnDisk(machine), { recursive: true });
    mkdirSync(paths.workDir(machine), { recursive: true });
    chmodSync(paths.workDirOnDisk(machine), 0o755);
  }
  const file = paths.configFile(machine, name);
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(process.config, undefined, 2)}\n`, { mode: 0o600 });
}

/**
 * Starts a keeper, detached from us: in the machine's network namespace and control group, an agent's also in
 * a mount namespace where its sandboxes have a path that every user can walk. One that runs already is left.
 */
export async function startKeeper(
  cluster: ClusterFile,
  paths: ClusterPaths,
  kept: MachineProcess,
): Promise<void> {
  const now = lookAt(paths, kept);
  if (now.keeperPid !== undefined) return;
  if (now.pid !== undefined) await endProcesses([now.pid], limits.stopTimeoutMs);
  const { machine, name } = kept;
  const program = [
    process.execPath,
    ...nodeOptions[name],
    nodeProgram,
    name,
    "--config",
    paths.configFile(machine, name),
  ];
  const script = ["sh", keeperScript, name, paths.runDir(machine), paths.logFile(machine, name)];
  const argv =
    cluster.network === "loopback"
      ? [...script, "--", ...program]
      : [...inMachine(cluster, kept), ...script, ...joins(paths, kept), "--", ...program];
  const child = spawn(argv[0] ?? "sh", argv.slice(1), {
    cwd: "/",
    detached: true,
    stdio: "ignore",
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LANG: "C.UTF-8",
      // One for all clusters of the checkout: a new one starts with what others have compiled.
      NODE_COMPILE_CACHE: join(checkout, ".tutti/cache"),
      ...traceOfLaunches(),
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve());
  });
  child.unref();
}

/** The benchmark of launches asks every process of the cluster for its trace. */
function traceOfLaunches(): Readonly<Record<string, string>> {
  const wanted = process.env["TUTTI_TRACE_LAUNCH"];
  return wanted === undefined ? {} : { TUTTI_TRACE_LAUNCH: wanted };
}

function inMachine(cluster: ClusterFile, kept: MachineProcess): readonly string[] {
  const enter = ["nsenter", `--net=${namespacePath(cluster, kept.machine)}`, "--"];
  return kept.name === "agent"
    ? [...enter, "unshare", "--mount", "--propagation", "slave", "--"]
    : enter;
}

function joins(paths: ClusterPaths, kept: MachineProcess): readonly string[] {
  const files = createMachineCgroups(paths.names.cgroup, kept.machine);
  const bind =
    kept.name === "agent"
      ? ["--bind", paths.workDirOnDisk(kept.machine), paths.workDir(kept.machine)]
      : [];
  return [...files.flatMap((file) => ["--join", file]), ...bind];
}

/** Ends keepers and their processes; tasks of the agents stay. */
export async function stopKeepers(
  paths: ClusterPaths,
  kept: readonly Pick<MachineProcess, "machine" | "name">[],
): Promise<void> {
  if (!existsSync(paths.names.runDir)) return;
  const found = kept.map((process) => lookAt(paths, process));
  const keepers = found.flatMap(({ keeperPid }) => (keeperPid === undefined ? [] : [keeperPid]));
  const alone = found.flatMap(({ keeperPid, pid }) =>
    keeperPid === undefined && pid !== undefined ? [pid] : [],
  );
  await endProcesses([...keepers, ...alone], limits.stopTimeoutMs);
  // A keeper that had to be killed leaves its process behind.
  const left = kept.flatMap((process) => lookAt(paths, process).pid ?? []);
  await endProcesses(left, limits.stopTimeoutMs);
}
