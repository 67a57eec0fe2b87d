import type { ContainerState } from "../core/containerizer.ts";
import { unknownExit } from "../core/exit.ts";
import { limits } from "../limits.ts";
import type { ExitWatch } from "./exit-watch.ts";
import { lives, runs, until } from "./proc.ts";
import type { RunDir } from "./run-dir.ts";

/** What recovery needs of its side. */
export interface RecoverySide {
  readonly runDir: RunDir;
  readonly watch: ExitWatch;
  /** Removes what an unfinished launch left. */
  clear(containerId: string): Promise<void>;
}

/**
 * Finds out what became of one container while nobody watched, and watches it. A container whose launch was
 * not finished is removed and `absent`; one of an earlier boot has ended, nobody knows how.
 */
export async function recoverContainer(
  side: RecoverySide,
  containerId: string,
): Promise<ContainerState> {
  const { runDir, watch } = side;
  if (!runDir.has(containerId)) return { type: "absent" };
  const started = runDir.started(containerId);
  if (started === undefined) {
    await side.clear(containerId);
    return { type: "absent" };
  }
  watch.add(containerId, started);
  if (runDir.isOfEarlierBoot(containerId)) {
    const exit = watch.exitOf(containerId) ?? unknownExit(false);
    watch.giveUp(containerId);
    return { type: "exited", exit };
  }
  if (runs(started.pid, started.startTicks)) return { type: "running", pid: started.pid };
  // It has ended: its supervisor may be about to write the exit status.
  await until(
    () => watch.exitOf(containerId) !== undefined || !lives(started.supervisorPid),
    limits.exitCodeWaitMs,
  );
  const exit = watch.exitOf(containerId);
  if (exit === undefined) watch.giveUp(containerId);
  return { type: "exited", exit: exit ?? watch.exitOf(containerId) ?? unknownExit(false) };
}
