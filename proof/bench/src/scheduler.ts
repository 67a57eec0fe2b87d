import { httpRequest } from "@tutti/http";

/** What the benchmarks read of an offer. */
export interface BenchOffer {
  readonly id: { readonly value: string };
  readonly agent_id: { readonly value: string };
  readonly allocation_info?: { readonly role?: string };
}

/** What the benchmarks read of a status update. */
export interface BenchStatus {
  readonly task_id: { readonly value: string };
  readonly agent_id?: { readonly value: string };
  readonly state: string;
  readonly uuid?: string;
  readonly message?: string;
}

interface Event {
  readonly type: string;
  readonly subscribed?: { readonly framework_id: { readonly value: string } };
  readonly rescind?: { readonly offer_id: { readonly value: string } };
  readonly offers?: { readonly offers: readonly BenchOffer[] };
  readonly update?: { readonly status: BenchStatus };
  readonly error?: { readonly message: string };
}

/**
 * A scheduler of the public v1 API over plain `fetch`, as a stranger would write it: JSON, RecordIO,
 * stream id. Acknowledges every update at once.
 */
export class BenchScheduler {
  readonly #url: string;
  readonly #secret: string;
  readonly #isPooled: boolean;
  readonly #abort = new AbortController();
  #streamId = "";
  frameworkId = "";
  /** Why the stream ended, once it has. */
  failure: unknown;
  /** Called with each batch of offers. */
  onOffers: (offers: readonly BenchOffer[]) => void = () => undefined;
  /** Called with the id of an offer that the master took back. */
  onRescind: (offerId: string) => void = () => undefined;
  /** Called with each update, after its acknowledgement was sent. */
  onStatus: (status: BenchStatus) => void = () => undefined;

  /** With `isPooled` calls after SUBSCRIBE share a few dozen connections: for thousands of calls at once. */
  constructor(
    masterUrl: string,
    secret: string,
    { isPooled = false }: { readonly isPooled?: boolean } = {},
  ) {
    this.#isPooled = isPooled;
    this.#url = `${masterUrl}/api/v1/scheduler`;
    this.#secret = secret;
  }

  /** Subscribes in role `bench`; resolves when the master has said SUBSCRIBED. */
  async subscribe(): Promise<void> {
    const framework = {
      user: "nobody",
      name: "bench",
      roles: ["bench"],
      capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
    };
    const response = await this.#post({
      type: "SUBSCRIBE",
      subscribe: { framework_info: framework },
    });
    if (response.status !== 200 || response.body === null)
      throw new Error(`SUBSCRIBE: ${await response.text()}`);
    this.#streamId = response.headers.get("mesos-stream-id") ?? "";
    await new Promise<void>((resolve, reject) => {
      void this.#pump(response.body as ReadableStream<Uint8Array>, resolve).catch(
        (error: unknown) => {
          this.failure = error;
          reject(error as Error);
        },
      );
    });
  }

  async #pump(body: ReadableStream<Uint8Array>, subscribed: () => void): Promise<void> {
    let buffered = Buffer.alloc(0);
    for await (const chunk of body) {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        const newline = buffered.indexOf(10);
        if (newline === -1) break;
        const length = Number(buffered.subarray(0, newline).toString("latin1"));
        if (buffered.length < newline + 1 + length) break;
        const record = buffered.subarray(newline + 1, newline + 1 + length).toString("utf8");
        buffered = buffered.subarray(newline + 1 + length);
        this.#handle(JSON.parse(record) as Event, subscribed);
      }
    }
  }

  #handle(event: Event, subscribed: () => void): void {
    if (event.type === "ERROR") throw new Error(event.error?.message);
    if (event.subscribed !== undefined) {
      this.frameworkId = event.subscribed.framework_id.value;
      subscribed();
    }
    if (event.offers !== undefined) this.onOffers(event.offers.offers);
    if (event.rescind !== undefined) this.onRescind(event.rescind.offer_id.value);
    const status = event.update?.status;
    if (status === undefined) return;
    if (status.uuid !== undefined) {
      const acknowledge = {
        agent_id: status.agent_id,
        task_id: status.task_id,
        uuid: status.uuid,
      };
      this.call("ACKNOWLEDGE", { acknowledge }).catch((error: unknown) => {
        if (!this.#abort.signal.aborted) this.failure = error;
      });
    }
    this.onStatus(status);
  }

  /** Any call after SUBSCRIBE; throws unless it is answered 202. */
  async call(type: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const call = { type, framework_id: { value: this.frameworkId }, ...fields };
    const response = this.#isPooled ? await this.#postPooled(call) : await this.#post(call);
    if (response.status !== 202)
      throw new Error(`${type}: ${String(response.status)} ${await response.text()}`);
    await response.text();
  }

  /** Launches a `sleep` with 0.1 cpu and 32 MB for each id, all in one call, on the offers of one agent. */
  launch(offers: readonly BenchOffer[], ...taskIds: readonly string[]): Promise<void> {
    const task_infos = taskIds.map((taskId) => sleeperOn(offers[0]?.agent_id, taskId));
    return this.call("ACCEPT", {
      accept: {
        offer_ids: offers.map((offer) => offer.id),
        operations: [{ type: "LAUNCH", launch: { task_infos } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  kill(taskId: string): Promise<void> {
    return this.call("KILL", {
      kill: { task_id: { value: taskId }, kill_policy: { grace_period: { nanoseconds: 0 } } },
    });
  }

  close(): void {
    this.#abort.abort();
  }

  #post(call: unknown): Promise<Response> {
    return fetch(this.#url, {
      method: "POST",
      headers: this.#headers(),
      body: JSON.stringify(call),
      signal: this.#abort.signal,
    });
  }

  #postPooled(call: unknown): ReturnType<typeof httpRequest> {
    return httpRequest({
      method: "POST",
      url: this.#url,
      headers: this.#headers(),
      body: JSON.stringify(call),
      timeoutMs: 60_000,
    });
  }

  #headers(): Record<string, string> {
    return {
      "content-type": "application/json",
      accept: "application/json",
      authorization: `Bearer ${this.#secret}`,
      ...(this.#streamId === "" ? {} : { "mesos-stream-id": this.#streamId }),
    };
  }
}

function sleeperOn(agent_id: BenchOffer["agent_id"] | undefined, taskId: string): unknown {
  const allocation_info = { role: "bench" };
  const resource = (name: string, value: number): unknown => ({
    name,
    type: "SCALAR",
    scalar: { value },
    allocation_info,
  });
  return {
    name: taskId,
    task_id: { value: taskId },
    agent_id,
    command: {
      value: "exec sleep 1000",
      // The trace of the spawn names the task by this variable.
      environment: { variables: [{ name: "MESOS_TASK_ID", value: taskId }] },
    },
    resources: [resource("cpus", 0.1), resource("mem", 32)],
  };
}
