import { readFileSync, writeFileSync } from "node:fs";
import { Fault } from "@tutti/base";
import type { Account } from "../core/accounts.ts";
import type {
  ContainerCommand,
  ContainerExit,
  Containerizer,
  ContainerSpec,
  ContainerState,
} from "../core/containerizer.ts";
import { limits } from "../limits.ts";
import { findAccount } from "../machine/accounts.ts";
import { ExitWatch } from "../machine/exit-watch.ts";
import { Loggers } from "../machine/loggers.ts";
import { makeSandboxLogs } from "../machine/logs.ts";
import { Serial, Slots } from "../machine/order.ts";
import { lives, residentBytes, runs, sendSignal, sessionMembers, until } from "../machine/proc.ts";
import { recoverContainer } from "../machine/recover.ts";
import type { RunDir, Started } from "../machine/run-dir.ts";
import { execute } from "./execute.ts";
import { endSupervisors, startSupervised } from "./supervised.ts";

const ticksPerSecond = 100;

/**
 * Plain processes, each in a session of its own under a small shell that outlives us and writes down the exit
 * status: for machines that allow no containers. Limits do not hold and tasks see each other.
 */
export class ProcessContainerizer implements Containerizer {
  readonly kind = "process";
  readonly #runDir: RunDir;
  readonly #watch: ExitWatch;
  readonly #loggers: Loggers;
  readonly #serial = new Serial();
  readonly #slots = new Slots({ slots: limits.runtimeCallsMax, queueMax: limits.runtimeQueueMax });
  #exited: (containerId: string, exit: ContainerExit) => void = () => undefined;
  #execs = 0;

  constructor(runDir: RunDir) {
    this.#runDir = runDir;
    this.#loggers = new Loggers(runDir, "supervisor");
    this.#watch = new ExitWatch(runDir, {
      oomKilled: () => false,
      onExit: (id, exit) => this.#exited(id, exit),
      loggers: this.#loggers,
    });
  }

  onExit(exited: (containerId: string, exit: ContainerExit) => void): void {
    this.#exited = exited;
  }

  async recover(containerIds: readonly string[]): Promise<ReadonlyMap<string, ContainerState>> {
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
      const started = this.#running(containerId);
      if (started !== undefined) sendSignal(-started.pid, signal);
      await Promise.resolve();
    });
  }

  destroy(containerId: string): Promise<void> {
    return this.#serial.run(containerId, async () => {
      if (!this.#runDir.has(containerId)) return;
      const started = this.#runDir.started(containerId);
      if (started !== undefined) {
        this.#watch.add(containerId, started);
        await this.#endSession(containerId, started);
        if (!(await this.#watch.ended(containerId, limits.exitCodeWaitMs)))
          this.#watch.giveUp(containerId);
      }
      await this.#clear(containerId);
    });
  }

  async exec(
    containerId: string,
    command: ContainerCommand,
    options: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
  ): Promise<{ readonly exitCode?: number; readonly signal?: number; readonly timedOut?: true }> {
    if (this.#running(containerId) === undefined)
      throw new Fault("NOT_RUNNING", `container ${containerId} does not run`, { retryable: false });
    if (this.#execs >= limits.execsMax)
      throw new Fault("BUSY", "too many commands run in containers already", { retryable: true });
    this.#execs += 1;
    try {
      const spec = this.#spec(containerId);
      const account = await this.#account(spec.user);
      return await execute(command, { spec, account, ...options });
    } finally {
      this.#execs -= 1;
    }
  }

  async usage(
    containerId: string,
  ): Promise<{ readonly cpuSeconds: number; readonly memoryBytes: number } | undefined> {
    await Promise.resolve();
    const started = this.#running(containerId);
    if (started === undefined) return undefined;
    const members = sessionMembers(started.pid);
    return {
      cpuSeconds: members.reduce((sum, stat) => sum + stat.cpuTicks, 0) / ticksPerSecond,
      memoryBytes: members.reduce((sum, stat) => sum + residentBytes(stat.pid), 0),
    };
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.resolve();
  }

  async #start(spec: ContainerSpec): Promise<{ readonly pid: number }> {
    const id = spec.containerId;
    const account = await this.#account(spec.user);
    const dir = this.#runDir.create(id);
    writeFileSync(`${dir}/spec.json`, JSON.stringify(spec), { mode: 0o600 });
    makeSandboxLogs(spec.sandboxDir, account);
    this.#loggers.prepare(spec, account);
    try {
      const started = await startSupervised(this.#runDir, spec, account);
      this.#watch.add(id, started);
      return { pid: started.pid };
    } catch (error) {
      await this.#clear(id);
      throw error;
    }
  }

  /** Kills the task's session until none of it is left. */
  async #endSession(containerId: string, started: Started): Promise<void> {
    if (this.#runDir.isOfEarlierBoot(containerId)) return;
    let isMine = false;
    const gone = await until(() => {
      // A session keeps its number as long as a member lives, so no other can have taken it: what was the task's
      // at one look still is at the next, also when its leader is gone by then.
      isMine ||=
        runs(started.pid, started.startTicks) || this.#runDir.exitStatus(containerId) !== undefined;
      if (!isMine) return !lives(started.supervisorPid);
      const members = sessionMembers(started.pid);
      for (const member of members.filter((m) => m.startTicks >= started.startTicks))
        sendSignal(member.pid, 9);
      return members.length === 0;
    }, limits.killWaitMs);
    if (!gone)
      throw new Fault("DESTROY", `the processes of ${containerId} do not end`, { retryable: true });
  }

  async #clear(containerId: string): Promise<void> {
    await endSupervisors(this.#runDir, containerId);
    await this.#loggers.end(containerId);
    this.#watch.remove(containerId);
    this.#runDir.remove(containerId);
  }

  async #account(user: string): Promise<Account> {
    const account = await findAccount(user);
    const own = process.getuid?.() ?? 0;
    if (own !== 0 && account.uid !== own)
      throw new Fault("USER_NOT_PERMITTED", `without root no task can run as user "${user}"`, {
        retryable: false,
      });
    return account;
  }

  #running(containerId: string): Started | undefined {
    const started = this.#runDir.started(containerId);
    if (started === undefined || this.#runDir.isOfEarlierBoot(containerId)) return undefined;
    return runs(started.pid, started.startTicks) ? started : undefined;
  }

  #spec(containerId: string): ContainerSpec {
    const path = `${this.#runDir.containerDir(containerId)}/spec.json`;
    return JSON.parse(readFileSync(path, "utf8")) as ContainerSpec;
  }
}
