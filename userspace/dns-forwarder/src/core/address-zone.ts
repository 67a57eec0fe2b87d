import {
  addressRecords,
  isOfType,
  nothingTold,
  rcodes,
  type Question,
  type ResourceRecord,
  type StampTable,
  type Zone,
  type ZoneAnswer,
} from "@tutti/dns";
import { limits } from "./limits.ts";

/** What is at a name of a zone of addresses. */
export interface FoundAddresses {
  readonly addresses: readonly string[];
  /** What the answer rests on. */
  readonly stampKey: string;
}

export interface AddressZoneOptions {
  readonly origin: string;
  readonly stamps: StampTable;
  readonly serial: () => number;
  /** Of the origin itself. */
  readonly apexAddresses?: readonly string[];
  /** A name without the origin; "above": it has nothing, but names below it have. */
  readonly find: (relative: string) => FoundAddresses | "above" | undefined;
  /** Whether what `find` does not find is not there; false: it may only not have been told yet. */
  readonly isTold: () => boolean;
  /** Every name without the origin, for listings. */
  readonly list: () => Iterable<string>;
}

/** A zone whose names have addresses and nothing else, besides SOA and NS at its top. */
export class AddressZone implements Zone {
  readonly origin: string;
  readonly stamps: StampTable;
  readonly #options: AddressZoneOptions;

  constructor(options: AddressZoneOptions) {
    this.origin = options.origin;
    this.stamps = options.stamps;
    this.#options = options;
  }

  answer(question: Question): ZoneAnswer {
    if (question.name === this.origin) return this.#pick(this.#apex(), question.type);
    const found = this.#options.find(question.name.slice(0, -this.origin.length - 1));
    if (isEmpty(found) && !this.#options.isTold()) return nothingTold;
    if (found === undefined) return this.#nothing(rcodes.nxDomain);
    if (found === "above") return this.#nothing(rcodes.noError);
    const stamp = this.stamps.stampOf(found.stampKey);
    return { ...this.#pick(recordsAt(question.name, found.addresses), question.type), stamp };
  }

  *records(): Iterable<ResourceRecord> {
    yield* this.#apex();
    for (const relative of this.#options.list()) {
      const found = this.#options.find(relative);
      if (found === undefined || found === "above") continue;
      yield* recordsAt(`${relative}.${this.origin}`, found.addresses);
    }
  }

  #pick(records: readonly ResourceRecord[], type: number): ZoneAnswer {
    const answers = records.filter((record) => isOfType(record, type));
    if (answers.length === 0) return this.#nothing(rcodes.noError);
    return { rcode: rcodes.noError, answers, authorities: [], additionals: [] };
  }

  #nothing(rcode: number): ZoneAnswer {
    return { rcode, answers: [], authorities: this.#apex().slice(0, 1), additionals: [] };
  }

  #apex(): ResourceRecord[] {
    const head = { name: this.origin, ttlSeconds: limits.ttlSeconds };
    return [
      {
        ...head,
        type: "SOA",
        primary: "ns.spartan",
        mailbox: "root.ns.spartan",
        serial: this.#options.serial(),
        refreshSeconds: 60,
        retrySeconds: 180,
        expireSeconds: 86_400,
        minimumSeconds: limits.negativeTtlSeconds,
      },
      { ...head, type: "NS", target: "ns.spartan" },
      ...recordsAt(this.origin, this.#options.apexAddresses ?? []),
    ];
  }
}

function isEmpty(found: FoundAddresses | "above" | undefined): boolean {
  return found === undefined || found === "above" || found.addresses.length === 0;
}

function recordsAt(name: string, addresses: readonly string[]): ResourceRecord[] {
  return addressRecords(name, addresses, limits.ttlSeconds).slice(0, limits.answerAddressesMax);
}
