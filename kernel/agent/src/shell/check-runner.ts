import type { ClientRequest, IncomingMessage } from "node:http";
import { connect } from "node:net";
import { assertNever, Fault } from "@tutti/base";
import type { Containerizer } from "@tutti/containerizer/core";
import type { ProbeResult } from "@tutti/executor";
import { afterRunning } from "@tutti/ports/node";
import type { AgentEffect, AgentEvent, ContainerCheck } from "../core/index.ts";
import { limits } from "./limits.ts";

type CheckEffect = Extract<AgentEffect, { type: "runCheck" }>;

/** What the runner needs. */
export interface CheckRunnerPorts {
  readonly containerizer: Pick<Containerizer, "exec">;
  /** The machine's own address: asked when nobody listens on the loopback address. */
  readonly ip: string;
  readonly tell: (event: AgentEvent) => void;
}

/** Makes the checks of all tasks, a bounded number at once, the others in the order of their orders. */
export class CheckRunner {
  readonly #ports: CheckRunnerPorts;
  readonly #waiting: CheckEffect[] = [];
  #running = 0;

  constructor(ports: CheckRunnerPorts) {
    this.#ports = ports;
  }

  run(effect: CheckEffect): void {
    if (this.#running < limits.checksAtOnceMax) this.#start(effect);
    else if (this.#waiting.length < limits.checksWaitingMax) this.#waiting.push(effect);
    else this.#tell(effect, { type: "skipped" });
  }

  #start(effect: CheckEffect): void {
    this.#running += 1;
    this.#work(effect).catch(() => undefined);
  }

  /** Makes a check, then those that wait, one after the other. */
  async #work(first: CheckEffect): Promise<void> {
    for (let effect: CheckEffect | undefined = first; effect !== undefined;) {
      this.#tell(effect, await this.#make(effect).catch(describeFault));
      effect = this.#waiting.shift();
    }
    this.#running -= 1;
  }

  #tell(effect: CheckEffect, result: ProbeResult): void {
    const { containerId, purpose, attempt } = effect;
    this.#ports.tell({ type: "checkFinished", containerId, purpose, attempt, result });
  }

  #make({ containerId, check, timeoutMs }: CheckEffect): Promise<ProbeResult> {
    switch (check.type) {
      case "command":
        return this.#execute(containerId, check, timeoutMs);
      case "http":
        return this.#onBothAddresses(check.family, (host) => askHttp(host, check, timeoutMs));
      case "tcp":
        return this.#onBothAddresses(check.family, (host) =>
          connectTcp(host, check.port, timeoutMs),
        );
      default:
        return assertNever(check);
    }
  }

  async #execute(
    containerId: string,
    check: Extract<ContainerCheck, { type: "command" }>,
    timeoutMs: number,
  ): Promise<ProbeResult> {
    const { containerizer } = this.#ports;
    const { env, command } = check;
    const outcome = await containerizer.exec(containerId, command, { env, timeoutMs });
    if (outcome.timedOut === true)
      return { type: "failed", message: notReturned("Command", timeoutMs) };
    const { exitCode, signal } = outcome;
    return {
      type: "command",
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** As Mesos asks, on the loopback address; on the machine's own when nobody listens there. */
  async #onBothAddresses(
    family: "IPv4" | "IPv6",
    ask: (host: string) => Promise<Answer>,
  ): Promise<ProbeResult> {
    const first = await ask(family === "IPv6" ? "::1" : "127.0.0.1");
    if (!first.refused || family === "IPv6") return first.result;
    const second = await ask(this.#ports.ip);
    return second.result;
  }
}

/** What an address answered; `refused`: nobody listens there. */
interface Answer {
  readonly result: ProbeResult;
  readonly refused: boolean;
}

/** One GET, its status, and not where it redirects to. Certificates are not judged, as in Mesos. */
function askHttp(
  host: string,
  check: Extract<ContainerCheck, { type: "http" }>,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve) => {
    const options = {
      host,
      port: check.port,
      path: check.path === "" ? "/" : check.path,
      method: "GET",
      agent: false as const,
      headers: { "User-Agent": "tutti-agent", Accept: "*/*", Connection: "close" },
    };
    let sent: ClientRequest;
    try {
      // Taken when they are needed, and not imported: an import would load all that they export
      // (docs/decisions/0006), and few agents ever make an HTTPS check.
      sent =
        check.scheme === "https"
          ? process
              .getBuiltinModule("node:https")
              .request({ ...options, rejectUnauthorized: false })
          : process.getBuiltinModule("node:http").request(options);
    } catch (error) {
      resolve({ result: failed(messageOf(error)), refused: false });
      return;
    }
    const cancelDeadline = afterRunning(timeoutMs, () => {
      resolve({ result: failed(notReturned("HTTP request", timeoutMs)), refused: false });
      sent.destroy();
    });
    const answer = (value: Answer): void => {
      cancelDeadline();
      resolve(value);
    };
    sent.once("response", (message: IncomingMessage) => {
      answer({ result: { type: "http", statusCode: message.statusCode ?? 0 }, refused: false });
      drain(message);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      answer({ result: failed(error.message), refused: error.code === "ECONNREFUSED" });
    });
    sent.end();
  });
}

/** Reads a little of the body, so that the task sees a proper end, and drops the rest. */
function drain(message: IncomingMessage): void {
  let bytes = 0;
  message.on("error", () => undefined);
  message.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.checkBodyBytesMax) message.destroy();
  });
  message.setTimeout(limits.checkDrainMs, () => message.destroy());
}

function connectTcp(host: string, port: number, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const cancelDeadline = afterRunning(timeoutMs, () => {
      resolve({ result: failed(notReturned("Connect", timeoutMs)), refused: false });
      socket.destroy();
    });
    socket.once("connect", () => {
      cancelDeadline();
      resolve({ result: { type: "tcp", succeeded: true }, refused: false });
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      cancelDeadline();
      resolve({
        result: { type: "tcp", succeeded: false },
        refused: error.code === "ECONNREFUSED",
      });
    });
  });
}

/** A fault that may pass, or a container that has just ended, says nothing about the task's health. */
function describeFault(error: unknown): ProbeResult {
  if (!(error instanceof Fault) || error.retryable || error.code === "NOT_RUNNING") {
    return { type: "skipped" };
  }
  return failed(error.message);
}

function failed(message: string): ProbeResult {
  return { type: "failed", message };
}

function notReturned(what: string, timeoutMs: number): string {
  return `${what} has not returned after ${timeoutMs / 1000}secs; aborting`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
