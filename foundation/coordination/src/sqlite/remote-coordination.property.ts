import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createCancellation, Fault } from "@tutti/base";
import type { CancellationSource } from "@tutti/base";
import type { Coordination, Leadership } from "../core/coordination.ts";

/** A coordination that lives in a process of its own and is spoken to by messages. */
export interface RemoteCoordination extends Coordination {
  readonly child: ChildProcess;
}

/** The other process: answers calls, and tells of watches and lost leaderships. */
const PROGRAM = `
import { createCancellation } from ${JSON.stringify(import.meta.resolve("@tutti/base"))};
import { openSqliteCoordination } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
const handle = openSqliteCoordination({ file: process.env.COORDINATION_FILE });
const candidacies = new Map();
const leaderships = new Map();
const calls = {
  async elect(id, name, announcement) {
    const source = createCancellation();
    candidacies.set(id, source);
    const leadership = await handle.elect(name, announcement, source.cancellation);
    leaderships.set(id, leadership);
    leadership.lost.addEventListener("abort", () => process.send({ lost: id }));
    return leadership.epoch;
  },
  async withdraw(_id, candidacy) { candidacies.get(candidacy)?.cancel(); },
  async resign(_id, election) { await leaderships.get(election).resign(); },
  async leader(_id, name) { return handle.leader(name); },
  async write(_id, ...rest) { return handle.write(...rest); },
  async read(_id, path) { return handle.read(path); },
  async list(_id, prefix) { return handle.list(prefix); },
  async watch(id, prefix) { handle.watch(prefix, (paths) => process.send({ changed: id, paths })); },
  async close() { await handle.close(); },
};
process.on("message", async ({ id, call, args }) => {
  try {
    process.send({ id, value: await calls[call](id, ...args) });
  } catch (error) {
    process.send({ id, fault: { code: error.code, message: error.message } });
  }
});
process.on("disconnect", () => process.exit());
process.send({ id: 0 });
`;

interface Message {
  readonly id?: number;
  readonly value?: unknown;
  readonly fault?: { readonly code: string; readonly message: string };
  readonly lost?: number;
  readonly changed?: number;
  readonly paths?: readonly string[];
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: Fault) => void;
}

/** Starts another process on `file` and waits until it has opened it. */
export async function openInOtherProcess(file: string): Promise<RemoteCoordination> {
  const child = fork("-", [], {
    execArgv: ["--input-type=module-typescript", "--eval", PROGRAM],
    env: { ...process.env, COORDINATION_FILE: file },
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const remote = new Remote(child);
  await remote.ready;
  return remote;
}

class Remote implements RemoteCoordination {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
  readonly #calls = new Map<number, Call>();
  readonly #losses = new Map<number, CancellationSource>();
  readonly #watches = new Map<number, (paths: readonly string[]) => void>();
  #count = 0;

  constructor(child: ChildProcess) {
    this.child = child;
    this.ready = new Promise((resolve, reject) => this.#calls.set(0, { resolve, reject }));
    child.on("message", (message) => this.#take(message as Message));
    child.on("exit", () => {
      for (const { reject } of this.#calls.values()) reject(goneFault());
      this.#calls.clear();
    });
  }

  async elect(
    ...[name, announcement, signal]: Parameters<Coordination["elect"]>
  ): Promise<Leadership> {
    const loss = createCancellation();
    const { id, answer } = this.#call("elect", [name, announcement]);
    this.#losses.set(id, loss);
    const withdraw = (): void => void this.#tell("withdraw", [id]);
    signal.addEventListener("abort", withdraw);
    if (signal.aborted) withdraw();
    const epoch = (await answer) as number;
    return {
      epoch,
      lost: loss.cancellation,
      resign: async () => {
        await this.#call("resign", [id]).answer;
      },
    };
  }

  async leader(name: string) {
    return (await this.#call("leader", [name]).answer) as Awaited<
      ReturnType<Coordination["leader"]>
    >;
  }

  async write(...args: Parameters<Coordination["write"]>) {
    return (await this.#call("write", args).answer) as Awaited<ReturnType<Coordination["write"]>>;
  }

  async read(path: string) {
    return (await this.#call("read", [path]).answer) as Awaited<ReturnType<Coordination["read"]>>;
  }

  async list(prefix: string) {
    return (await this.#call("list", [prefix]).answer) as Awaited<ReturnType<Coordination["list"]>>;
  }

  watch(prefix: string, changed: (paths: readonly string[]) => void): () => void {
    const id = this.#tell("watch", [prefix]);
    this.#watches.set(id, changed);
    return () => this.#watches.delete(id);
  }

  async close(): Promise<void> {
    if (!this.child.connected) return;
    await this.#call("close", []).answer;
  }

  #call(
    call: string,
    args: readonly unknown[],
  ): { readonly id: number; readonly answer: Promise<unknown> } {
    this.#count += 1;
    const id = this.#count;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      // A process that was killed closes its end before its exit is told: without a callback that would be an event.
      this.child.send({ id, call, args }, (error) => {
        if (error === null) return;
        this.#calls.delete(id);
        reject(goneFault());
      });
    });
    return { id, answer };
  }

  /** A call whose answer nobody waits for; returns its id. */
  #tell(call: string, args: readonly unknown[]): number {
    const { id, answer } = this.#call(call, args);
    answer.catch(() => undefined);
    return id;
  }

  #take(message: Message): void {
    if (message.lost !== undefined) this.#losses.get(message.lost)?.cancel();
    if (message.changed !== undefined) this.#watches.get(message.changed)?.(message.paths ?? []);
    if (message.id === undefined) return;
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.fault === undefined) call?.resolve(message.value);
    else call?.reject(new Fault(message.fault.code, message.fault.message, { retryable: false }));
  }
}

function goneFault(): Fault {
  return new Fault("PROCESS_GONE", "The other process ended.", { retryable: false });
}
