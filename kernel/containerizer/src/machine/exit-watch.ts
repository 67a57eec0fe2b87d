import { watch, type FSWatcher } from "node:fs";
import type { ContainerExit } from "../core/containerizer.ts";
import { exitFromStatus, unknownExit } from "../core/exit.ts";
import { limits } from "../limits.ts";
import type { Loggers } from "./loggers.ts";
import { lives, pidInUse, runs } from "./proc.ts";
import type { RunDir, Started } from "./run-dir.ts";

/** What the watch needs of its side. */
export interface WatchedSide {
  oomKilled(containerId: string): boolean;
  onExit(containerId: string, exit: ContainerExit): void;
  readonly loggers: Pick<Loggers, "drained" | "tend">;
}

interface Watched {
  readonly started: Started;
  /** When the first process was first seen gone without an exit status. */
  goneSinceMs?: number;
  exit?: ContainerExit;
  told?: true;
}

/** How many sweeps between careful looks, which also see through a pid used again. */
const sweepsPerCarefulLook = 3;

/**
 * Learns how containers end: one inotify watch on the exit directory for all of them, and a slow sweep that
 * finds those whose supervisor died without a word.
 *
 * Invariant: `onExit` is told once for each container that was added.
 */
export class ExitWatch {
  readonly #runDir: RunDir;
  readonly #side: WatchedSide;
  readonly #watched = new Map<string, Watched>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #notify: FSWatcher | undefined;
  #timer: NodeJS.Timeout;
  #sweeps = 0;
  #held: [string, ContainerExit][] | undefined;

  constructor(runDir: RunDir, side: WatchedSide) {
    this.#runDir = runDir;
    this.#side = side;
    let intervalMs: number = limits.sweepIntervalMs;
    try {
      this.#notify = watch(runDir.exitsDir, (_, name) => {
        if (name !== null) this.#look(name);
      });
      this.#notify.on("error", () => this.#poll());
    } catch {
      intervalMs = limits.pollIntervalMs;
    }
    this.#timer = setInterval(() => this.#sweep(), intervalMs);
  }

  /** Begins to watch; a container that has ended already is told of soon after. */
  add(containerId: string, started: Started): void {
    if (this.#watched.has(containerId)) return;
    this.#watched.set(containerId, { started });
    setImmediate(() => this.#look(containerId));
  }

  /** How the container ended, as far as it is known at this moment. */
  exitOf(containerId: string): ContainerExit | undefined {
    const known = this.#watched.get(containerId)?.exit;
    if (known !== undefined) return known;
    const status = this.#runDir.exitStatus(containerId);
    return status === undefined
      ? undefined
      : exitFromStatus(status, this.#side.oomKilled(containerId));
  }

  /** Resolves when the container's end has been told, or after `timeoutMs`. */
  ended(containerId: string, timeoutMs: number): Promise<boolean> {
    const watched = this.#watched.get(containerId);
    if (watched === undefined || watched.told) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const list = this.#waiting.get(containerId) ?? [];
      list.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
      this.#waiting.set(containerId, list);
    });
  }

  /** Runs `work` and tells the ends that come meanwhile only soon after its result is known. */
  async afterwards<T>(work: () => Promise<T>): Promise<T> {
    this.#held ??= [];
    try {
      return await work();
    } finally {
      setImmediate(() => {
        const held = this.#held ?? [];
        this.#held = undefined;
        for (const [containerId, exit] of held) this.#side.onExit(containerId, exit);
      });
    }
  }

  /** Tells the end of a container that was watched and of which nothing more will be heard. */
  giveUp(containerId: string): void {
    const watched = this.#watched.get(containerId);
    if (watched !== undefined && watched.exit === undefined)
      this.#tell(containerId, watched, unknownExit(this.#side.oomKilled(containerId)));
  }

  /** Forgets the container. */
  remove(containerId: string): void {
    this.#watched.delete(containerId);
    this.#waiting.delete(containerId);
  }

  close(): void {
    this.#notify?.close();
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #look(containerId: string): void {
    const watched = this.#watched.get(containerId);
    if (watched === undefined || watched.exit !== undefined) return;
    const status = this.#runDir.exitStatus(containerId);
    if (status !== undefined)
      this.#tell(containerId, watched, exitFromStatus(status, this.#side.oomKilled(containerId)));
  }

  #sweep(): void {
    this.#sweeps += 1;
    const careful = this.#sweeps % sweepsPerCarefulLook === 0;
    for (const [containerId, watched] of this.#watched) {
      if (watched.exit !== undefined) continue;
      this.#look(containerId);
      if (watched.exit !== undefined) continue;
      if (this.#isGone(watched, careful)) this.#doubt(containerId, watched);
      else this.#side.loggers.tend(containerId, watched.started);
    }
  }

  #isGone(watched: Watched, careful: boolean): boolean {
    const { pid, startTicks, supervisorPid } = watched.started;
    return careful || !pidInUse(supervisorPid) ? !runs(pid, startTicks) : !pidInUse(pid);
  }

  /** The first process is gone: its supervisor has a while to say how, unless it is gone as well. */
  #doubt(containerId: string, watched: Watched): void {
    const nowMs = performance.now();
    watched.goneSinceMs ??= nowMs;
    const silent = !lives(watched.started.supervisorPid);
    this.#look(containerId);
    if (silent || nowMs - watched.goneSinceMs >= limits.exitCodeWaitMs) this.giveUp(containerId);
  }

  #tell(containerId: string, watched: Watched, exit: ContainerExit): void {
    watched.exit = exit;
    void this.#side.loggers
      .drained(containerId)
      .then(() => this.#announce(containerId, watched, exit));
  }

  /** Tells the end once all output is where a reader will look for it. */
  #announce(containerId: string, watched: Watched, exit: ContainerExit): void {
    watched.told = true;
    for (const wake of this.#waiting.get(containerId) ?? []) wake();
    this.#waiting.delete(containerId);
    if (this.#held === undefined) this.#side.onExit(containerId, exit);
    else this.#held.push([containerId, exit]);
  }

  #poll(): void {
    this.#notify?.close();
    this.#notify = undefined;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#sweep(), limits.pollIntervalMs);
  }
}
