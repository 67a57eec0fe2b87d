import { Fault } from "@tutti/base";
import { limits } from "../limits.ts";
import { allProcesses, killTree, sendSignal, until } from "../machine/proc.ts";
import { loggerScript } from "../machine/loggers.ts";
import { readText, type RunDir } from "../machine/run-dir.ts";
import { launcherScript } from "./launcher.ts";

/**
 * Ends what an agent that was killed left half-done: its launcher, the runtime's processes, and supervisors
 * of containers that were never started. Afterwards nothing changes in the directory by itself except exits.
 * What is nearly done is given a moment to end by itself: a command that has begun is then known to have begun.
 * With `onlyId`, only what belongs to that container, at once.
 */
export async function endUnfinishedLaunches(runDir: RunDir, onlyId?: string): Promise<void> {
  const rest = (): readonly number[] =>
    allProcesses()
      .filter(({ pid, argv }) => pid !== process.pid && isUnfinished(runDir, argv, onlyId))
      .map(({ pid }) => pid);
  if (onlyId === undefined) await until(() => rest().length === 0, limits.launchSettleMs);
  const gone = await until(() => {
    const pids = rest();
    for (const pid of pids) sendSignal(pid, 9);
    return pids.length === 0;
  }, limits.killWaitMs);
  if (!gone)
    throw new Fault("RECOVER", "processes of unfinished launches do not end", { retryable: true });
}

const ownPid = String(process.pid);

function isUnfinished(
  runDir: RunDir,
  argv: readonly string[],
  onlyId: string | undefined,
): boolean {
  // A logger that is about to become a supervisor has the supervisor's arguments, too.
  if ((argv[0] === "conmon" || argv[1] === loggerScript) && argv.includes(runDir.exitsDir)) {
    const id = argv[argv.indexOf("-c") + 1] ?? "";
    return (onlyId === undefined || id === onlyId) && runDir.started(id) === undefined;
  }
  if (onlyId !== undefined) return false;
  const script = argv.indexOf(launcherScript);
  if (script >= 0 && argv[script + 1] === runDir.path) return argv[script + 4] !== ownPid;
  return argv[1] === `--root=${runDir.path}/runtime`;
}

/**
 * Ends commands (`exec`) that a dead agent started in a container that goes on: nobody waits for their
 * answer any more.
 */
export function endLeftExecs(runDir: RunDir, containerId: string, cgroup: string): void {
  const dir = runDir.containerDir(containerId);
  for (const file of runDir.files(containerId).filter((name) => name.startsWith("exec-"))) {
    const pid = file.endsWith(".pid") ? Number(readText(`${dir}/${file}`)) : 0;
    const groups = pid > 1 ? (readText(`/proc/${String(pid)}/cgroup`) ?? "") : "";
    if (groups.includes(cgroup)) killTree(pid);
    runDir.removeFiles(`${dir}/${file}`, [""]);
  }
}
