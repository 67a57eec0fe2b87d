import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parseExitStatus } from "../core/exit.ts";

/** A container that was started, as its supervisor wrote it down. */
export interface Started {
  /** The container's first process. */
  readonly pid: number;
  /** Start time of that process: names it for ever, together with the boot. */
  readonly startTicks: number;
  readonly supervisorPid: number;
}

/**
 * The directory in which an agent's containers are kept:
 *
 * - `containers/ID/` everything of one container: `boot`, `started`, and what its side adds
 * - `exits/ID` the exit status, written whole by the supervisor
 * - `runtime/`, `sockets/`, `hostroot/` of the OCI side
 */
export class RunDir {
  readonly path: string;
  readonly exitsDir: string;
  readonly containersDir: string;
  readonly #bootId: string;

  constructor(path: string) {
    this.path = path;
    this.exitsDir = `${path}/exits`;
    this.containersDir = `${path}/containers`;
    this.#bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    for (const dir of [path, this.exitsDir, this.containersDir, `${path}/sockets`])
      mkdirSync(dir, { recursive: true, mode: 0o700 });
  }

  /** The directory of one container. */
  containerDir(containerId: string): string {
    return `${this.containersDir}/${containerId}`;
  }

  containerIds(): readonly string[] {
    return readdirSync(this.containersDir);
  }

  /** The given containers, then those that are here and were not given: nobody knows them any more. */
  present(containerIds: readonly string[]): readonly string[] {
    return [...new Set([...containerIds, ...this.containerIds()])];
  }

  has(containerId: string): boolean {
    return existsSync(this.containerDir(containerId));
  }

  /** Makes the container's directory and notes the boot it belongs to. */
  create(containerId: string): string {
    const dir = this.containerDir(containerId);
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(`${dir}/boot`, this.#bootId);
    return dir;
  }

  /** What the supervisor noted; undefined when nothing was started. */
  started(containerId: string): Started | undefined {
    const text = readText(`${this.containerDir(containerId)}/started`);
    const [pid, startTicks, supervisorPid] = (text ?? "").trim().split(" ").map(Number);
    if (pid === undefined || startTicks === undefined || supervisorPid === undefined)
      return undefined;
    return { pid, startTicks, supervisorPid };
  }

  /** Whether the container was started before the machine's last boot: nothing of it can run. */
  isOfEarlierBoot(containerId: string): boolean {
    const boot = readText(`${this.containerDir(containerId)}/boot`);
    return boot !== undefined && boot !== this.#bootId;
  }

  /** The exit status, once the supervisor has written it. */
  exitStatus(containerId: string): number | undefined {
    const text = readText(`${this.exitsDir}/${containerId}`);
    return text === undefined ? undefined : parseExitStatus(text);
  }

  /** Names of the files of one container. */
  files(containerId: string): readonly string[] {
    return this.has(containerId) ? readdirSync(this.containerDir(containerId)) : [];
  }

  /** Removes the files `PREFIX SUFFIX` that exist. */
  removeFiles(prefix: string, suffixes: readonly string[]): void {
    for (const suffix of suffixes) rmSync(prefix + suffix, { force: true });
  }

  /** Removes every file of the container. */
  remove(containerId: string): void {
    rmSync(this.containerDir(containerId), { recursive: true, force: true });
    rmSync(`${this.exitsDir}/${containerId}`, { force: true });
  }
}

/** The text of a file, or undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
