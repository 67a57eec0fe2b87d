import { limits as dnsLimits, rcodes, readName, type QueryReader } from "@tutti/dns";
import type { Client } from "@tutti/dns-sockets";
import type { Clock, Random } from "@tutti/ports";
import { AnswerStore, type StoredAnswer } from "../core/answer-store.ts";
import { findForwardZone, type ForwardZone } from "../core/forward-zones.ts";
import { limits } from "../core/limits.ts";
import { passOn, type PassOnTo } from "../core/pass-on.ts";
import { askUpstreams } from "./ask-upstreams.ts";
import { Histogram } from "./histogram.ts";
import { UpstreamTallies } from "./upstream-tallies.ts";

/** A client that waits for an answer. */
interface Waiter {
  readonly client: Client;
  readonly to: PassOnTo;
  /** SERVFAIL for it, when all has failed. */
  readonly failure: Uint8Array;
  readonly sinceMonoMs: number;
}

/** A question that is being asked. */
interface Flight {
  readonly waiters: Waiter[];
  /** Who asked first: it is counted against them. */
  readonly clientAddress: string;
}

/** What became of the questions of one zone. */
interface ForwardTally {
  queryCount: number;
  keptCount: number;
  failureCount: number;
  overloadCount: number;
  readonly durations: Histogram;
}

export interface ForwarderOptions {
  readonly zones: readonly ForwardZone[];
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Answers questions about names that are not ours: from what is kept, together with others who ask the same, or by asking
 * all upstreams of the zone at once. Every question gets a reply within the bound.
 */
export class Forwarder {
  readonly tallies = new UpstreamTallies();
  readonly #options: ForwarderOptions;
  readonly #store = new AnswerStore();
  readonly #flights = new Map<string, Flight>();
  readonly #flightsByClient = new Map<string, number>();
  readonly #zoneTallies = new Map<string, ForwardTally>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    for (const zone of options.zones) {
      this.#zoneTallies.set(zone.origin, {
        queryCount: 0,
        keptCount: 0,
        failureCount: 0,
        overloadCount: 0,
        durations: new Histogram(),
      });
    }
  }

  /** `reader` has just read `query`; `bare` makes a reply with nothing but a code. */
  forward(
    query: Uint8Array,
    reader: QueryReader,
    client: Client,
    bare: (query: Uint8Array, rcode: number) => Uint8Array,
  ): void {
    const read = readName(query, dnsLimits.headerBytes);
    const zone = read && findForwardZone(this.#options.zones, read.name);
    const tally = zone && this.#zoneTallies.get(zone.origin);
    const isRecursive = (reader.flags & 0x0100) !== 0;
    if (!isRecursive || zone === undefined || tally === undefined || zone.upstreams.length === 0) {
      client.reply(bare(query, rcodes.refused));
      return;
    }
    tally.queryCount += 1;
    const checkingDisabled = (reader.flags & 0x0010) !== 0;
    const { dnssecOk } = reader;
    const question = { name: read?.name ?? "", type: reader.type, class: reader.class };
    const key = `${question.type} ${dnssecOk ? "d" : ""}${checkingDisabled ? "c" : ""} ${question.name}`;
    const monoMs = this.#options.clock.monoMs();
    const to: PassOnTo = {
      query: new Uint8Array(query),
      questionEnd: reader.questionEnd,
      hasEdns: reader.hasEdns,
      dnssecOk,
      bytesMax: client.transport === "tcp" ? dnsLimits.messageBytesMax : reader.datagramBytesMax,
    };
    const kept = this.#store.find(key, monoMs);
    if (kept !== undefined) {
      tally.keptCount += 1;
      client.reply(passOn(kept, to, monoMs));
      return;
    }
    const failure = bare(query, rcodes.servFail);
    const waiter = { client, to, failure, sinceMonoMs: monoMs };
    if (!this.#board(key, waiter)) {
      tally.overloadCount += 1;
      client.reply(failure);
      return;
    }
    if (this.#flights.get(key)?.waiters.length !== 1) return;
    void this.#fly(key, tally, {
      question,
      dnssecOk,
      checkingDisabled,
      upstreams: zone.upstreams,
    });
  }

  /** Questions being asked now. */
  get flightCount(): number {
    return this.#flights.size;
  }

  /** Prometheus text. */
  format(): string {
    const counters = ["query", "kept", "failure", "overload"] as const;
    const lines: string[] = [];
    const tallies = [...this.#zoneTallies].map(
      ([origin, tally]) => [`zone="${origin}."`, tally] as const,
    );
    for (const what of counters) {
      const name = `dns_forwarder_${counterNames[what]}_total`;
      lines.push(`# TYPE ${name} counter\n`);
      for (const [label, tally] of tallies) {
        lines.push(`${name}{${label}} ${tally[`${what}Count`]}\n`);
      }
    }
    lines.push("# TYPE dns_forwarder_requests_duration_seconds histogram\n");
    for (const [label, tally] of tallies) {
      lines.push(tally.durations.format("dns_forwarder_requests_duration_seconds", label));
    }
    lines.push(
      `# TYPE dns_forwarder_in_flight gauge\ndns_forwarder_in_flight ${this.flightCount}\n`,
    );
    lines.push(`# TYPE dns_forwarder_kept_answers gauge\n`);
    lines.push(`dns_forwarder_kept_answers ${this.#store.size}\n`);
    return lines.join("") + this.tallies.format();
  }

  /** Takes a waiter in, with others or as the first; false when that would be too many. */
  #board(key: string, waiter: Waiter): boolean {
    const flight = this.#flights.get(key);
    if (flight !== undefined) {
      if (flight.waiters.length >= limits.waitersPerFlightMax) return false;
      flight.waiters.push(waiter);
      return true;
    }
    const { address } = waiter.client;
    const ofClient = this.#flightsByClient.get(address) ?? 0;
    if (this.#flights.size >= limits.flightsMax) return false;
    if (ofClient >= limits.flightsPerClientMax) return false;
    this.#flightsByClient.set(address, ofClient + 1);
    this.#flights.set(key, { waiters: [waiter], clientAddress: address });
    return true;
  }

  async #fly(
    key: string,
    tally: ForwardTally,
    asking: Parameters<typeof askUpstreams>[0],
  ): Promise<void> {
    const { clock, random } = this.#options;
    const ports = { random, monoMs: () => clock.monoMs(), tallies: this.tallies };
    const answer = await askUpstreams(asking, ports);
    const monoMs = clock.monoMs();
    const isFailure =
      answer === undefined ||
      (answer.scanned.rcode !== rcodes.noError && answer.scanned.rcode !== rcodes.nxDomain);
    if (isFailure) tally.failureCount += 1;
    const stored =
      answer === undefined
        ? undefined
        : this.#store.store(key, answer.bytes, answer.scanned, monoMs);
    this.#land(key, stored, tally, monoMs);
  }

  #land(key: string, stored: StoredAnswer | undefined, tally: ForwardTally, monoMs: number): void {
    const flight = this.#flights.get(key);
    if (flight === undefined) return;
    this.#flights.delete(key);
    const left = (this.#flightsByClient.get(flight.clientAddress) ?? 1) - 1;
    if (left > 0) this.#flightsByClient.set(flight.clientAddress, left);
    else this.#flightsByClient.delete(flight.clientAddress);
    for (const { client, to, failure, sinceMonoMs } of flight.waiters) {
      tally.durations.observe(monoMs - sinceMonoMs);
      client.reply(stored === undefined ? failure : passOn(stored, to, monoMs));
    }
  }
}

const counterNames = {
  query: "queries",
  kept: "kept_answers",
  failure: "failures",
  overload: "overloads",
} as const;
