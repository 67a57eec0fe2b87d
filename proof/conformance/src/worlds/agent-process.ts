import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StartAgentConfig } from "@tutti/agent";

const program = fileURLToPath(new URL("./agent-main.ts", import.meta.url));

/** An agent in a process of its own. */
export class AgentProcess {
  readonly config: StartAgentConfig;
  #child: ChildProcess | undefined;

  constructor(config: StartAgentConfig) {
    this.config = config;
  }

  get url(): string {
    return `http://${this.config.ip}:${this.config.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    this.#child = spawn(process.execPath, [program, JSON.stringify(this.config)], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, TUTTI_LOG: "error" },
    });
  }

  /** Sends a signal; resolves when the process is gone, for signals that end it. */
  async signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    if (signal === "SIGKILL") await gone;
  }
}
