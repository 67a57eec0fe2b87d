import { setTimeout as pause } from "node:timers/promises";
import { discoveryPaths } from "@tutti/discovery-v1";
import { fetchJson } from "@tutti/http";
import type { JsonResponse } from "@tutti/http";
import type { AgentEffect, AgentEvent } from "../core/index.ts";
import { limits } from "./limits.ts";
import { hasConnections } from "./open-connections.ts";

type DrainEffect = Extract<AgentEffect, { type: "awaitDrained" }>;

/** What the watch needs. */
export interface DrainWatchPorts {
  /** URLs of the `node` processes of all masters: one of them leads discovery. None: nobody is asked. */
  readonly discoveries: readonly string[];
  readonly secret: string;
  readonly tell: (event: AgentEvent) => void;
}

/**
 * Asks discovery whether every machine has stopped leading connections to tasks whose SIGTERM is held, and waits for
 * the connections that are open. Rule AGT36. What is not answered needs no answer: a hold has its own bound. Where no
 * discovery is configured nobody takes the task out, and only its connections are waited for.
 */
export class DrainWatch {
  readonly #ports: DrainWatchPorts;
  readonly #asking = new Map<string, AbortController>();
  /** Where discovery was found last. */
  #known: string | undefined;

  constructor(ports: DrainWatchPorts) {
    this.#ports = ports;
  }

  watch(effect: DrainEffect): void {
    const { containerId, waitMs } = effect;
    const isFull = this.#asking.size >= limits.drainsWatchedMax;
    if (isFull || this.#asking.has(containerId)) return;
    const controller = new AbortController();
    this.#asking.set(containerId, controller);
    const deadline = setTimeout(() => controller.abort(), waitMs);
    void this.#await(effect, controller.signal).then((isDrained) => {
      clearTimeout(deadline);
      this.#asking.delete(containerId);
      if (isDrained) this.#ports.tell({ type: "taskDrained", containerId });
    });
  }

  /** The container goes: nothing of it is held any more. */
  forget(containerId: string): void {
    this.#asking.get(containerId)?.abort();
  }

  close(): void {
    for (const controller of this.#asking.values()) controller.abort();
  }

  async #await(effect: DrainEffect, signal: AbortSignal): Promise<boolean> {
    const { connectionsMs } = effect;
    if (this.#ports.discoveries.length === 0) {
      if (connectionsMs === undefined) return false;
      await pause(connectionsMs, undefined, { signal }).catch(() => undefined);
      return !signal.aborted;
    }
    if (!(await this.#ask(effect, signal))) return false;
    if (connectionsMs === undefined) return nobodyConnected(effect, signal);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(connectionsMs)]);
    return (await nobodyConnected(effect, bound)) || !signal.aborted;
  }

  /** Never rejects. */
  async #ask(effect: DrainEffect, signal: AbortSignal): Promise<boolean> {
    let isLed = false;
    for (let turn = 0; !signal.aborted; turn += 1) {
      const { discoveries } = this.#ports;
      const url = this.#known ?? discoveries[turn % discoveries.length] ?? "";
      const answer = await this.#askAt(url, effect, signal).catch(() => undefined);
      if (answer === "drained") return !signal.aborted;
      if (answer === undefined) this.#known = undefined;
      // Who is led to another discovery asks there at once, but not in circles.
      isLed = answer === "elsewhere" && !isLed;
      if (isLed) continue;
      await pause(limits.drainAskPauseMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  /** One question, at a discovery that may know another that leads. Undefined: no answer to it. */
  async #askAt(
    url: string,
    effect: DrainEffect,
    signal: AbortSignal,
  ): Promise<"drained" | "waiting" | "elsewhere" | undefined> {
    const { frameworkId, taskId } = effect;
    const query = new URLSearchParams({
      framework: frameworkId,
      task: taskId,
      waitMs: String(limits.drainAskMsMax),
    });
    const response = await fetchJson({
      method: "GET",
      url: `${url}${discoveryPaths.drained}?${query.toString()}`,
      headers: { Authorization: `Bearer ${this.#ports.secret}` },
      timeoutMs: limits.drainAskMsMax * 2,
      bodyBytesMax: limits.drainAnswerBytesMax,
      signal,
    });
    if (response.status === 307) {
      this.#known = originOf(response, url);
      return this.#known === undefined ? undefined : "elsewhere";
    }
    const drained = response.status === 200 ? drainedOf(response) : undefined;
    if (drained === undefined) return undefined;
    this.#known = url;
    return drained ? "drained" : "waiting";
  }
}

/** Two looks without a connection: one that was on its way at the first is there at the second. Never rejects. */
async function nobodyConnected(effect: DrainEffect, signal: AbortSignal): Promise<boolean> {
  const { pid, ports } = effect;
  if (pid === undefined || ports.length === 0) return true;
  for (let quiet = 0; quiet < 2;) {
    quiet = (await hasConnections(pid, ports)) ? 0 : quiet + 1;
    if (quiet < 2)
      await pause(limits.drainLookPauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
  }
  return true;
}

function drainedOf({ json }: JsonResponse): boolean | undefined {
  if (typeof json !== "object" || json === null || !("drained" in json)) return undefined;
  return typeof json.drained === "boolean" ? json.drained : undefined;
}

function originOf({ headers }: JsonResponse, base: string): string | undefined {
  const url = URL.parse(headers["location"] ?? "", base);
  return url?.protocol === "http:" ? url.origin : undefined;
}
