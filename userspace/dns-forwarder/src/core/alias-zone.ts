import {
  isAtOrBelow,
  type Question,
  type ResourceRecord,
  type StampTable,
  type Zone,
  type ZoneAnswer,
} from "@tutti/dns";

/** A zone under another name: what is asked below `origin` is answered as below the other's origin. */
export class AliasZone implements Zone {
  readonly origin: string;
  readonly #of: Zone;
  readonly #isListed: boolean;

  /** A zone that is not listed answers, and shows no records: it is an old spelling of one that does. */
  constructor(origin: string, of: Zone, options: { readonly isListed: boolean }) {
    this.origin = origin;
    this.#of = of;
    this.#isListed = options.isListed;
  }

  get stamps(): StampTable {
    return this.#of.stamps;
  }

  answer(question: Question): ZoneAnswer {
    const name = moveName(question.name, this.origin, this.#of.origin);
    const answer = this.#of.answer({ ...question, name });
    return {
      ...answer,
      answers: answer.answers.map((record) => this.#move(record)),
      authorities: answer.authorities.map((record) => this.#move(record)),
      additionals: answer.additionals.map((record) => this.#move(record)),
    };
  }

  *records(): Iterable<ResourceRecord> {
    if (!this.#isListed) return;
    for (const record of this.#of.records()) yield this.#move(record);
  }

  #move(record: ResourceRecord): ResourceRecord {
    const move = (name: string): string => moveName(name, this.#of.origin, this.origin);
    switch (record.type) {
      case "SRV":
      case "NS":
      case "CNAME":
      case "PTR":
        return { ...record, name: move(record.name), target: move(record.target) };
      case "SOA":
        return {
          ...record,
          name: move(record.name),
          primary: move(record.primary),
          mailbox: move(record.mailbox),
        };
      case "A":
      case "AAAA":
      case "TXT":
      case "OTHER":
        return { ...record, name: move(record.name) };
    }
  }
}

/** `name` below `to` instead of `from`; a name that is elsewhere stays. */
function moveName(name: string, from: string, to: string): string {
  return isAtOrBelow(name, from) ? name.slice(0, name.length - from.length) + to : name;
}
