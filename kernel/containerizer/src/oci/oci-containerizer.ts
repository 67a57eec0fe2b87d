import { writeFileSync } from "node:fs";
import { Fault } from "@tutti/base";
import { traceLaunch } from "@tutti/ports/node";
import type {
  ContainerCommand,
  ContainerExit,
  Containerizer,
  ContainerSpec,
  ContainerState,
} from "../core/containerizer.ts";
import { ociConfig, type HostFacts } from "../core/oci-config.ts";
import { limits } from "../limits.ts";
import { findAccount } from "../machine/accounts.ts";
import type { Cgroups } from "../machine/cgroups.ts";
import { ExitWatch } from "../machine/exit-watch.ts";
import { Loggers } from "../machine/loggers.ts";
import { makeSandboxLogs } from "../machine/logs.ts";
import { Serial, Slots } from "../machine/order.ts";
import { runs, sendSignal, until } from "../machine/proc.ts";
import { resolvConfMount } from "../machine/resolv-conf.ts";
import { recoverContainer } from "../machine/recover.ts";
import { readText, type RunDir } from "../machine/run-dir.ts";
import type { Launcher } from "./launcher.ts";
import { lastWords, notRunning, RuntimeExec } from "./runtime-exec.ts";
import { endLeftExecs, endUnfinishedLaunches } from "./unfinished-launches.ts";

/** What the OCI side is made of. */
export interface OciParts {
  readonly runDir: RunDir;
  readonly launcher: Launcher;
  readonly cgroups: Cgroups;
  readonly host: HostFacts;
  /** The file that containers see as /etc/resolv.conf, once it is there. */
  readonly resolvConf?: string;
}

/** Containers made by an OCI runtime, each under a conmon that outlives us and writes down the exit status. */
export class OciContainerizer implements Containerizer {
  readonly kind = "oci";
  readonly #runDir: RunDir;
  readonly #launcher: Launcher;
  readonly #cgroups: Cgroups;
  readonly #host: HostFacts;
  readonly #resolvConf: string | undefined;
  readonly #watch: ExitWatch;
  readonly #exec: RuntimeExec;
  readonly #loggers: Loggers;
  readonly #serial = new Serial();
  readonly #slots = new Slots({ slots: limits.runtimeCallsMax, queueMax: limits.runtimeQueueMax });
  #exited: (containerId: string, exit: ContainerExit) => void = () => undefined;

  constructor(parts: OciParts) {
    this.#runDir = parts.runDir;
    this.#launcher = parts.launcher;
    this.#cgroups = parts.cgroups;
    this.#host = parts.host;
    this.#resolvConf = parts.resolvConf;
    this.#exec = new RuntimeExec(parts.runDir, parts.launcher);
    this.#loggers = new Loggers(parts.runDir, "container");
    this.#watch = new ExitWatch(parts.runDir, {
      oomKilled: (id) => this.#cgroups.oomKilled(this.#cgroup(id)),
      onExit: (id, exit) => this.#exited(id, exit),
      loggers: this.#loggers,
    });
  }

  onExit(exited: (containerId: string, exit: ContainerExit) => void): void {
    this.#exited = exited;
  }

  async recover(containerIds: readonly string[]): Promise<ReadonlyMap<string, ContainerState>> {
    const ids = this.#runDir.present(containerIds);
    // Before: what waits for them is an unfinished order, too. And after: some may just have begun.
    for (const id of ids) endLeftExecs(this.#runDir, id, this.#cgroup(id));
    await endUnfinishedLaunches(this.#runDir);
    for (const id of ids) endLeftExecs(this.#runDir, id, this.#cgroup(id));
    const side = {
      runDir: this.#runDir,
      watch: this.#watch,
      clear: (id: string) => this.#clear(id),
    };
    const states = await this.#watch.afterwards(() =>
      Promise.all(containerIds.map(async (id) => [id, await recoverContainer(side, id)] as const)),
    );
    return new Map(states);
  }

  launch(spec: ContainerSpec): Promise<{ readonly pid: number }> {
    const id = spec.containerId;
    return this.#serial.run(id, async () => {
      const already = this.#runDir.started(id);
      if (already !== undefined) {
        this.#watch.add(id, already);
        return { pid: already.pid };
      }
      if (this.#runDir.has(id)) await this.#clear(id);
      return this.#slots.run(() => this.#start(spec));
    });
  }

  signal(containerId: string, signal: number): Promise<void> {
    return this.#serial.run(containerId, async () => {
      const started = this.#runDir.started(containerId);
      if (started !== undefined && this.#runs(containerId)) sendSignal(started.pid, signal);
      await Promise.resolve();
    });
  }

  destroy(containerId: string): Promise<void> {
    return this.#serial.run(containerId, async () => {
      if (!this.#runDir.has(containerId)) return;
      const started = this.#runDir.started(containerId);
      if (started !== undefined) {
        this.#watch.add(containerId, started);
        this.#cgroups.unthrottle(this.#cgroup(containerId));
        if (this.#runs(containerId)) sendSignal(started.pid, 9);
        if (!(await this.#watch.ended(containerId, limits.exitCodeWaitMs)))
          this.#watch.giveUp(containerId);
      }
      await this.#clear(containerId);
    });
  }

  exec(
    containerId: string,
    command: ContainerCommand,
    options: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
  ): Promise<{ readonly exitCode?: number; readonly signal?: number; readonly timedOut?: true }> {
    if (!this.#runs(containerId)) return Promise.reject(notRunning(containerId));
    return this.#exec.run(containerId, command, options);
  }

  usage(
    containerId: string,
  ): Promise<{ readonly cpuSeconds: number; readonly memoryBytes: number } | undefined> {
    return Promise.resolve(this.#cgroups.usage(this.#cgroup(containerId)));
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#launcher.close();
  }

  async #start(spec: ContainerSpec): Promise<{ readonly pid: number }> {
    const id = spec.containerId;
    const account = await findAccount(spec.user);
    const dir = this.#runDir.create(id);
    const host = { ...this.#host, ...resolvConfMount(this.#resolvConf) };
    writeFileSync(`${dir}/config.json`, JSON.stringify(ociConfig(spec, account, host)));
    makeSandboxLogs(spec.sandboxDir, account);
    this.#loggers.prepare(spec, account);
    let answer: readonly string[];
    traceLaunch("spawn", spec.env["MESOS_TASK_ID"]);
    try {
      answer = await this.#launcher.call("launch", [id], limits.launchTimeoutMs);
    } catch (error) {
      await endUnfinishedLaunches(this.#runDir, id);
      throw error;
    }
    const started = this.#runDir.started(id);
    if (answer[0] !== "ok" || started === undefined) {
      const words = lastWords(readText(`${dir}/runtime.log`) ?? "");
      await this.#clear(id);
      throw new Fault("LAUNCH", `container runtime: ${answer[1] ?? "launch"} failed: ${words}`, {
        retryable: false,
      });
    }
    this.#watch.add(id, started);
    return { pid: started.pid };
  }

  /** Removes everything of a container that has ended or was never started. */
  async #clear(containerId: string): Promise<void> {
    await this.#slots.run(() =>
      this.#launcher.call("delete", [containerId], limits.deleteTimeoutMs),
    );
    const gone = await this.#cgroups.remove(this.#cgroup(containerId), limits.killWaitMs);
    if (!gone)
      throw new Fault("DESTROY", `the control group of ${containerId} does not empty`, {
        retryable: true,
      });
    const supervisor = Number(
      readText(`${this.#runDir.containerDir(containerId)}/supervisor.pid`) ?? 0,
    );
    await until(() => !isConmon(supervisor, containerId), limits.exitCodeWaitMs);
    if (isConmon(supervisor, containerId)) sendSignal(supervisor, 9);
    await this.#loggers.end(containerId);
    this.#watch.remove(containerId);
    this.#runDir.remove(containerId);
  }

  #runs(containerId: string): boolean {
    const started = this.#runDir.started(containerId);
    return (
      started !== undefined &&
      !this.#runDir.isOfEarlierBoot(containerId) &&
      runs(started.pid, started.startTicks)
    );
  }

  #cgroup(containerId: string): string {
    return `${this.#host.cgroupParent}/${containerId}`;
  }
}

function isConmon(pid: number, containerId: string): boolean {
  if (pid <= 1) return false;
  const argv = (readText(`/proc/${String(pid)}/cmdline`) ?? "").split("\0");
  return argv[0] === "conmon" && argv.includes(containerId);
}
