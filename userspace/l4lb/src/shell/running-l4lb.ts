import { assertNever } from "@tutti/base";
import type { Held, TableChange } from "@tutti/discovery-v1";
import type { Route } from "@tutti/http";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { L4lbMachine, formatRemoval, formatTransaction } from "../core/index.ts";
import type { Family, L4lbConfig, L4lbEffect, L4lbEvent, Round } from "../core/index.ts";
import type { L4lb } from "../l4lb.ts";
import { messageOf } from "./commands.ts";
import type { Commands } from "./commands.ts";
import { ConnectionCuts } from "./connection-cuts.ts";
import { countConnections } from "./connections.ts";
import type { ConnectionCounts } from "./connections.ts";
import { KernelRoutes } from "./kernel-routes.ts";
import { limits } from "./limits.ts";
import { NftSession } from "./nft-session.ts";
import { TableComparison } from "./table-comparison.ts";
import { TableText } from "./table-text.ts";
import { ToolShell } from "./tool-shell.ts";
import { formatMetrics } from "./vip-metrics.ts";
import { vipRoutes } from "./vip-routes.ts";

/** What the load balancer is made of. */
export interface RunningOptions {
  readonly config: L4lbConfig;
  readonly commands: Commands;
  readonly tableName: string;
  readonly sources: Readonly<Partial<Record<Family, string>>>;
  readonly compareMs: number;
  readonly report: (line: string) => void;
}

interface Waiter {
  readonly number: number;
  readonly resolve: (held: Held) => void;
}

/** What the kernel does not hold yet, up to this change, and what tells once it does. */
interface Later {
  number: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Nothing is told any more once the room is closed. */
const notHeldAnyMore: Held = { held: false, later: new Promise<void>(() => undefined) };

/** Carries out what the machine decides, and tells it what came of it. */
export class RunningL4lb implements L4lb {
  readonly routes: readonly Route[];
  readonly #options: RunningOptions;
  readonly #machine: L4lbMachine;
  readonly #session: NftSession;
  readonly #tools: ToolShell;
  /** Reads what is compared, which may take seconds. */
  readonly #reader: ToolShell;
  readonly #kernelRoutes: KernelRoutes;
  readonly #text: TableText;
  readonly #comparison: TableComparison;
  readonly #cuts: ConnectionCuts;
  readonly #waiters: Waiter[] = [];
  #later: Later | undefined;
  #changeCount = 0;
  #closed = false;
  #wake: (() => void) | undefined;
  #probeAgain: (() => void) | undefined;
  #round: Promise<void> | undefined;
  #roundMsSum = 0;
  #roundMsLast = 0;
  #connections: ConnectionCounts = new Map();
  #countedAtMs = Number.NEGATIVE_INFINITY;
  #counting: Promise<ConnectionCounts> | undefined;

  constructor(options: RunningOptions) {
    this.#options = options;
    const { commands, config, tableName } = options;
    this.#machine = new L4lbMachine(config);
    this.#session = new NftSession(commands.prefix);
    this.#tools = new ToolShell(commands.prefix);
    this.#reader = new ToolShell(commands.prefix);
    this.#kernelRoutes = new KernelRoutes(commands, {
      reader: this.#reader,
      sources: options.sources,
      ranges: config.ranges.map((range) => range.text),
      deviceV6: tableName,
    });
    this.#cuts = new ConnectionCuts({
      tools: this.#tools,
      done: (flows) => this.#step({ type: "cutsDone", flows }),
      report: options.report,
    });
    const tables = { tableName, families: config.families };
    this.#text = new TableText(this.#reader, tables);
    this.#comparison = new TableComparison({
      clock: systemClock,
      reader: this.#reader,
      tables,
      text: this.#text,
      machine: this.#machine,
      kernelRoutes: this.#kernelRoutes,
      isBusy: () => this.#round !== undefined,
      session: this.#session,
      compareMs: options.compareMs,
      disturbed: (reason) => this.#step({ type: "disturbed", reason }),
    });
    this.routes = vipRoutes({
      facts: () => this.#machine.facts(),
      changeCount: () => this.#changeCount,
      refused: () => this.#machine.refused,
      unavailable: () => this.#machine.unavailable,
      connections: () => this.#count(),
    });
  }

  apply(change: TableChange): Promise<Held> {
    if (this.#closed) return Promise.resolve(notHeldAnyMore);
    this.#changeCount += 1;
    const number = this.#changeCount;
    return new Promise((resolve) => {
      this.#waiters.push({ number, resolve });
      this.#step({ type: "tableChanged", number, change });
    });
  }

  metrics(): string {
    void this.#count();
    return formatMetrics(this.#machine.status(), {
      roundSecondsSum: this.#roundMsSum / 1000,
      roundSecondsLast: this.#roundMsLast / 1000,
      connections: this.#connections,
    });
  }

  status(): { readonly available: boolean; readonly reason?: string } {
    const reason = this.#machine.unavailable;
    return reason === undefined ? { available: true } : { available: false, reason };
  }

  async close(options: { readonly remove?: boolean } = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.();
    this.#probeAgain?.();
    const compared = this.#comparison.close();
    await this.#round;
    await this.#cuts.idle();
    if (options.remove === true) {
      // A comparison in its midst would make a table anew, empty.
      await compared;
      await this.#remove();
    }
    this.#session.close();
    this.#tools.close();
    this.#reader.close();
    await compared;
    for (const { resolve } of this.#waiters.splice(0)) resolve(notHeldAnyMore);
  }

  /** Asks whether the kernel can be told; asks again in a while when it cannot. */
  async probe(): Promise<void> {
    const reason = await this.#obstacle();
    if (this.#closed) return;
    if (reason === undefined) {
      // While this process is small: to start another takes longer the larger it is.
      for (const helper of [this.#tools, this.#reader, this.#session]) helper.start();
      this.#step({ type: "available" });
      return;
    }
    this.#step({ type: "unavailable", reason });
    this.#probeLater();
  }

  #probeLater(): void {
    if (this.#closed) return;
    this.#probeAgain = systemClock.after(limits.probeMs, () => void this.probe());
  }

  /** Routes before tables: nothing leads to VIPs that are not translated any more. */
  async #remove(): Promise<void> {
    const { tableName, config, report } = this.#options;
    try {
      await this.#kernelRoutes.removeAll();
      await this.#session.run(formatRemoval(tableName, config.families));
    } catch (error) {
      report(`Virtual IPs could not be removed: ${messageOf(error)}`);
    }
  }

  async #obstacle(): Promise<string | undefined> {
    try {
      // A table that is not there: nft gets as far as asking the kernel, and no further.
      await this.#options.commands.run([
        "nft",
        "list",
        "map",
        "ip",
        "no_such_table",
        "no_such_map",
      ]);
      return undefined;
    } catch (error) {
      const message = messageOf(error);
      if (message.includes("No such file")) return undefined;
      if (message.includes("not permitted"))
        return "this process may not change the machine's network (root or CAP_NET_ADMIN is needed).";
      if (message.includes("ENOENT")) return "there is no `nft` here (Debian: nftables).";
      return message;
    }
  }

  #step(event: L4lbEvent): void {
    if (this.#closed && !event.type.startsWith("round")) return;
    const ready = this.#machine.step(event, {
      monoMs: systemClock.monoMs(),
      wallMs: systemClock.wallMs(),
      random: cryptoRandom,
    });
    this.#wake?.();
    this.#wake = undefined;
    if (ready.wakeAtMonoMs !== undefined && !this.#closed) {
      const delayMs = Math.max(0, ready.wakeAtMonoMs - systemClock.monoMs());
      this.#wake = systemClock.after(delayMs, () => this.#step({ type: "wake" }));
    }
    for (const effect of ready.afterPersist) this.#perform(effect);
  }

  #perform(effect: L4lbEffect): void {
    switch (effect.type) {
      case "carryOutRound":
        if (!this.#closed) this.#round = this.#carryOut(effect.round);
        break;
      case "release":
        this.#release(effect.number, effect.isHeld);
        break;
      case "report":
        this.#options.report(effect.line);
        break;
      default:
        assertNever(effect);
    }
  }

  #release(number: number, isHeld: boolean): void {
    while ((this.#waiters[0]?.number ?? Number.POSITIVE_INFINITY) <= number) {
      const waiter = this.#waiters.shift();
      waiter?.resolve(isHeld ? { held: true } : { held: false, later: this.#heldLater(number) });
    }
    if (!isHeld || this.#later === undefined || this.#later.number > number) return;
    this.#later.resolve();
    this.#later = undefined;
  }

  #heldLater(number: number): Promise<void> {
    if (this.#later === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#later = { number, promise, resolve };
    }
    this.#later.number = number;
    return this.#later.promise;
  }

  async #carryOut(round: Round): Promise<void> {
    const startMs = systemClock.monoMs();
    let outcome: L4lbEvent = { type: "roundDone" };
    try {
      await this.#carryOutInOrder(round);
    } catch (error) {
      const reason = await this.#obstacle();
      outcome =
        reason === undefined
          ? { type: "roundFailed", reason: messageOf(error) }
          : { type: "unavailable", reason };
      if (reason !== undefined) this.#probeLater();
    }
    this.#roundMsLast = systemClock.monoMs() - startMs;
    this.#roundMsSum += this.#roundMsLast;
    this.#round = undefined;
    this.#step(outcome);
    if (outcome.type !== "roundDone" || this.#closed) return;
    this.#comparison.roundDone();
    this.#cuts.add(round.cuts);
  }

  /** Routes that are too many, the dataplane, routes that are missing. */
  async #carryOutInOrder(round: Round): Promise<void> {
    const { whole, routes, transactions } = round;
    const isMaking = whole || transactions.some(({ classes }) => classes.length > 0);
    if (whole) {
      this.#text.forget();
      this.#comparison.unseal();
      await this.#kernelRoutes.read();
    }
    if (routes !== undefined) await this.#kernelRoutes.removeOthers(routes);
    const text = formatTransaction(this.#options.tableName, transactions);
    if (text !== "") await this.#session.run(text);
    if (routes !== undefined) await this.#kernelRoutes.addMissing(routes);
    if (whole) await this.#comparison.seal();
    if (!isMaking) return;
    if (whole || !this.#isForetold(transactions)) await this.#remember();
  }

  /** Whether what the kernel says of classes that came is known without asking: who waits for a change waits no longer. */
  #isForetold(transactions: Round["transactions"]): boolean {
    return transactions.every(({ family, classes }) =>
      classes.every((slotCount) => this.#text.foretell(family, slotCount)),
    );
  }

  /** Tables as they are when nobody else has touched them yet. */
  async #remember(): Promise<void> {
    try {
      this.#text.isAsMade(await this.#text.read(), this.#machine.dataplane);
    } catch {
      // What cannot be read now is remembered when it is first compared.
    }
  }

  /** Counts again when the last count is old; everybody who asks meanwhile gets the same. */
  #count(): Promise<ConnectionCounts> {
    if (this.#counting !== undefined) return this.#counting;
    const isOld = systemClock.monoMs() - this.#countedAtMs > limits.countMsMin;
    if (!isOld || this.#closed) return Promise.resolve(this.#connections);
    this.#counting = this.#countNow().finally(() => {
      this.#counting = undefined;
      this.#countedAtMs = systemClock.monoMs();
    });
    return this.#counting;
  }

  async #countNow(): Promise<ConnectionCounts> {
    try {
      this.#connections = await countConnections(this.#tools, this.#options.config.families);
    } catch {
      // What could not be counted now is what it was when it could.
    }
    return this.#connections;
  }
}
