import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Offer, TaskStatus } from "@tutti/mesos-v1";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { createSchedulerClient, Reconciler, type SchedulerClient } from "@tutti/sdk";
import { Batch, commandsOf } from "./batch.ts";
import { Journal } from "./journal.ts";

const usage = `usage: main.ts --master URL [--master URL …] --state DIR [--cpus N] [--mem MB] [--parallel N] [--attempts N] FILE
The cluster's secret is read from the environment variable TUTTI_SECRET.`;

/** How long the cluster keeps the tasks of a scheduler that is away. */
const failoverTimeoutS = 3_600;
/** How often the scheduler looks whether a reconciliation is due. */
const reconcileTickMs = 500;
/** How long a TEARDOWN may take before the scheduler ends without its answer. */
const teardownMs = 5_000;

interface Call {
  readonly masters: readonly string[];
  readonly stateDir: string;
  readonly lines: readonly string[];
  readonly cpus: number;
  readonly memMb: number;
  readonly parallel: number;
  readonly attempts: number;
}

function readCall(args: readonly string[]): Call {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      master: { type: "string", multiple: true },
      state: { type: "string" },
      cpus: { type: "string", default: "0.1" },
      mem: { type: "string", default: "32" },
      parallel: { type: "string", default: "8" },
      attempts: { type: "string", default: "3" },
    },
  });
  const amount = (name: "cpus" | "mem" | "parallel" | "attempts"): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} is no amount`);
    return value;
  };
  const [file] = positionals;
  if (values.master === undefined || values.state === undefined || file === undefined) {
    throw new Error("--master, --state and FILE are needed");
  }
  return {
    masters: values.master,
    stateDir: values.state,
    lines: commandsOf(readFileSync(file, "utf8")),
    cpus: amount("cpus"),
    memMb: amount("mem"),
    parallel: amount("parallel"),
    attempts: amount("attempts"),
  };
}

/** The scheduler: turns notices of the SDK into calls, and ends when the batch is done. */
class BatchScheduler {
  readonly #batch: Batch;
  readonly #journal: Journal;
  readonly #reconciler = new Reconciler();
  readonly #done: (exitStatus: number) => void;
  #client: SchedulerClient | undefined;
  #suppressed = false;
  #ending = false;

  constructor(batch: Batch, journal: Journal, done: (exitStatus: number) => void) {
    this.#batch = batch;
    this.#journal = journal;
    this.#done = done;
  }

  async run(call: Call): Promise<void> {
    const secret = process.env["TUTTI_SECRET"] || undefined;
    this.#client = await createSchedulerClient({
      masters: call.masters,
      ...(secret === undefined ? {} : { secret }),
      framework: {
        user: "nobody",
        name: "batch",
        roles: ["*"],
        failover_timeout: failoverTimeoutS,
        capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
      },
      frameworkId: this.#journal,
      suppressedRoles: () => (this.#batch.wantsOffers ? [] : ["*"]),
      clock: systemClock,
      random: cryptoRandom,
      onFatal: (error) => {
        console.error(`batch: ${error.message}`);
        this.#done(1);
      },
      onNotice: (notice) => {
        switch (notice.type) {
          case "subscribed":
            console.log(`subscribed as ${notice.frameworkId}`);
            this.#suppressed = !this.#batch.wantsOffers;
            this.#reconciler.ask(this.#batch.live, systemClock.monoMs());
            this.#goOn();
            break;
          case "disconnected":
            this.#reconciler.stop();
            if (this.#ending) this.#end();
            else console.log(`disconnected: ${notice.reason}`);
            if (isRefusedSecret(notice.reason)) {
              console.error("batch: give the secret that ./tutti up printed in TUTTI_SECRET");
              this.#done(2);
            }
            break;
          case "removed":
            if (this.#ending) break;
            console.log(`removed by the master: ${notice.reason}`);
            this.#journal.write(this.#batch.allDead());
            break;
          case "callRefused":
            console.error(`${String(notice.call.type)} was refused: ${notice.text}`);
            break;
          case "event":
            for (const offer of notice.event.offers?.offers ?? []) this.#offer(offer);
            if (notice.event.update !== undefined) this.#update(notice.event.update.status);
            this.#goOn();
            break;
        }
      },
    });
    setInterval(() => this.#reconcile(), reconcileTickMs);
  }

  #offer(offer: Offer): void {
    const { placement, entries } = this.#batch.place(offer);
    this.#journal.write(entries);
    if (placement.tasks.length === 0) {
      this.#client?.call({ type: "DECLINE", decline: { offer_ids: [offer.id] } });
      return;
    }
    this.#client?.call({
      type: "ACCEPT",
      accept: {
        offer_ids: [offer.id],
        operations: [{ type: "LAUNCH", launch: { task_infos: placement.tasks } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  #update(status: TaskStatus): void {
    const taskId = status.task_id.value;
    this.#reconciler.answered(taskId);
    const entry = this.#batch.status(taskId, status.state);
    if (entry !== undefined) {
      this.#journal.write([entry]);
      console.log(`${taskId}: ${status.state}${status.message ? `: ${status.message}` : ""}`);
    }
    if (status.uuid === undefined || status.agent_id === undefined) return;
    const { task_id, agent_id, uuid } = status;
    this.#client?.call({ type: "ACKNOWLEDGE", acknowledge: { task_id, agent_id, uuid } });
  }

  /** Asks for offers while there is something to launch, and for none otherwise; ends when all is done. */
  #goOn(): void {
    if (this.#batch.isDone) {
      if (this.#ending) return;
      this.#ending = true;
      this.#client?.call({ type: "TEARDOWN" });
      // The master answers by ending the stream.
      setTimeout(() => this.#end(), teardownMs);
      return;
    }
    const wantsNone = !this.#batch.wantsOffers;
    if (wantsNone === this.#suppressed) return;
    this.#suppressed = wantsNone;
    this.#client?.call({ type: wantsNone ? "SUPPRESS" : "REVIVE" });
  }

  #end(): void {
    const failed = this.#batch.count("failed");
    console.log(`${String(this.#batch.count("finished"))} finished, ${String(failed)} failed`);
    this.#done(failed === 0 ? 0 : 1);
  }

  #reconcile(): void {
    for (const call of this.#reconciler.takeCalls(systemClock.monoMs())) this.#client?.call(call);
  }
}

/** To dial again would not help. */
function isRefusedSecret(reason: string): boolean {
  return /\b40[13]\b/u.test(reason);
}

async function main(): Promise<void> {
  let call: Call;
  try {
    call = readCall(process.argv.slice(2));
  } catch (error) {
    console.error(`batch: ${(error as Error).message}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const journal = new Journal(call.stateDir);
  const batch = new Batch(call.lines, call);
  batch.replay(journal.entries);
  const scheduler = new BatchScheduler(batch, journal, (exitStatus) => process.exit(exitStatus));
  await scheduler.run(call);
}

await main();
