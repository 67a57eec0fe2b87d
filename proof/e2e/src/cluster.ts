import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The launcher of this checkout. */
export const launcher = fileURLToPath(new URL("../../../tutti", import.meta.url));

/** What a command left behind. */
export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `./tutti ARGS` and waits for its end, at most `timeoutMs`. */
export function tutti(
  args: readonly string[],
  options: { readonly timeoutMs?: number } = {},
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    execFile(
      launcher,
      [...args],
      { timeout: options.timeoutMs ?? 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}

/** The last line of `./tutti up --json`. */
export interface UpAnswer {
  readonly masters: readonly { readonly name: string; readonly ip: string }[];
  readonly agents: readonly {
    readonly name: string;
    readonly ip: string;
    readonly public: boolean;
  }[];
  readonly secret: string;
}

/** One process of a machine, as `./tutti status --json` tells it. */
export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly rssMb: number;
  readonly pssMb: number;
  readonly uptimeS: number;
}

/** `./tutti status --json`. */
export interface StatusAnswer {
  readonly machines: readonly {
    readonly name: string;
    readonly ip: string;
    readonly role: string;
    readonly processes: readonly ProcessStatus[];
  }[];
}

/** A running cluster of the test's own, in a temporary directory. */
export class TestCluster {
  readonly dir: string;
  readonly up: UpAnswer;

  private constructor(dir: string, up: UpAnswer) {
    this.dir = dir;
    this.up = up;
  }

  /** Starts an isolated cluster; throws with the whole output when `up` fails. */
  static async start(extra: readonly string[] = []): Promise<TestCluster> {
    const dir = mkdtempSync(join(tmpdir(), "tutti-e2e-"));
    const outcome = await tutti(["up", "--isolated", "--json", "--dir", dir, ...extra], {
      timeoutMs: 180_000,
    });
    if (outcome.exitCode !== 0) {
      await tutti(["down", "--dir", dir]);
      throw new Error(
        `up ended with ${String(outcome.exitCode)}:\n${outcome.stdout}\n${outcome.stderr}`,
      );
    }
    const lastLine = outcome.stdout.trimEnd().split("\n").at(-1) ?? "";
    return new TestCluster(dir, JSON.parse(lastLine) as UpAnswer);
  }

  /** Ends the cluster and forgets its directory. */
  async down(): Promise<CommandOutcome> {
    const outcome = await tutti(["down", "--dir", this.dir]);
    rmSync(this.dir, { recursive: true, force: true });
    return outcome;
  }

  get masterUrl(): string {
    return `http://${this.up.masters[0]?.ip ?? "no-master"}:5050`;
  }

  get marathonUrl(): string {
    return `http://${this.up.masters[0]?.ip ?? "no-master"}:8080`;
  }

  /** A CLI command against this cluster. */
  cli(...args: string[]): Promise<CommandOutcome> {
    return tutti([...args, "--dir", this.dir]);
  }

  async status(): Promise<StatusAnswer> {
    const outcome = await tutti(["status", "--json", "--dir", this.dir]);
    return JSON.parse(outcome.stdout.trimEnd().split("\n").at(-1) ?? "") as StatusAnswer;
  }

  /** The process `name` of the machine `machine`, as it runs now. */
  async process(machine: string, name: string): Promise<ProcessStatus | undefined> {
    const status = await this.status();
    return status.machines
      .find((m) => m.name === machine)
      ?.processes.find((p) => p.name === name && p.pid > 0);
  }

  /** A call of Marathon with the cluster's secret. */
  async marathon(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.marathonUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.up.secret}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? undefined : (JSON.parse(text) as unknown),
    };
  }

  /** The tasks of an app as Marathon tells them; empty while Marathon is away. */
  async tasks(appId: string): Promise<readonly MarathonTask[]> {
    try {
      const answer = await this.marathon("GET", `/v2/apps${appId}/tasks`);
      return answer.status === 200 ? (answer.body as { tasks: MarathonTask[] }).tasks : [];
    } catch {
      return [];
    }
  }
}

/** What these tests read of a Marathon task. */
export interface MarathonTask {
  readonly id: string;
  readonly host: string;
  readonly state: string;
  readonly slaveId: string;
  readonly ports: readonly number[];
  readonly healthCheckResults?: readonly { readonly alive: boolean }[];
}

/** Polls `probe` until it answers something, at most `timeoutMs`; then throws, naming `what`. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`not within ${String(timeoutMs)} ms: ${what}`, { cause: last });
    await rest(50);
  }
}

/** Output of a host command, for counting what is left over. */
export function host(command: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
    child.on("error", () => resolve(""));
    child.on("close", () => resolve(out));
  });
}
