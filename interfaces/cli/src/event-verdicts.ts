import { Fault } from "@tutti/base";
import { type ClientResponse, httpRequest } from "@tutti/http";
import { limits } from "./limits.ts";
import { pause } from "./pause.ts";
import type { Session } from "./session.ts";

/** How a deployment ended. */
export type Verdict =
  | { readonly type: "success" }
  | { readonly type: "failed"; readonly reason: string | undefined };

/**
 * Listens to Marathon's events and remembers how deployments ended. Events may be missed while the stream is
 * down: whoever asks must also look at `/v2/deployments`.
 */
export class EventVerdicts {
  readonly #session: Session;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #stop = new AbortController();
  #response: ClientResponse | undefined;
  #isOpen = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** How the deployment ended, if its end is heard: an event may come a moment after the state it tells of. */
  async verdictOf(id: string): Promise<Verdict | undefined> {
    const patientUntilMs = performance.now() + limits.eventDelayMs;
    while (!this.#verdicts.has(id) && this.#isOpen && performance.now() < patientUntilMs) {
      if (!(await pause(limits.eventIntervalMs, this.#session.signal))) break;
    }
    return this.#verdicts.get(id);
  }

  /** Begins to listen; resolves when the stream is open, or cannot be opened. */
  async start(): Promise<void> {
    const { marathon, signal } = this.#session;
    const types = ["deployment_success", "deployment_failed"]
      .map((type) => `event_type=${type}`)
      .join("&");
    try {
      const response = await httpRequest({
        method: "GET",
        url: `${marathon.url}/v2/events?${types}`,
        dedicated: true,
        headers: { ...marathon.headers, accept: "text/event-stream" },
        signal: AbortSignal.any([signal, this.#stop.signal]),
        timeoutMs: limits.requestTimeoutMs,
        bodyTimeoutMs: 0,
      });
      this.#response = response;
      if (response.status === 200) {
        this.#isOpen = true;
        void this.#read(response);
      } else {
        response.cancel();
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }

  close(): void {
    this.#stop.abort();
    this.#response?.cancel();
  }

  async #read(response: ClientResponse): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of response.stream()) {
        rest += decoder.decode(chunk, { stream: true });
        const lines = rest.split(/\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) if (line.startsWith("data:")) this.#hear(line.slice(5));
      }
    } catch (error) {
      if (!(error instanceof Fault) && !this.#stop.signal.aborted) throw error;
    } finally {
      this.#isOpen = false;
    }
  }

  #hear(data: string): void {
    let event: { eventType?: unknown; id?: unknown; reason?: unknown };
    try {
      event = JSON.parse(data) as typeof event;
    } catch {
      return;
    }
    if (typeof event.id !== "string") return;
    if (event.eventType === "deployment_success") {
      this.#verdicts.set(event.id, { type: "success" });
    } else if (event.eventType === "deployment_failed") {
      const reason = typeof event.reason === "string" ? event.reason : undefined;
      this.#verdicts.set(event.id, { type: "failed", reason });
    }
  }
}
