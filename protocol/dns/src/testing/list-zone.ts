import { typeNumber } from "../write-record.ts";
import { rcodes, recordTypes, type Question, type ResourceRecord } from "../records.ts";
import { StampTable, type Zone, type ZoneAnswer } from "../zone.ts";

/** A zone that is a list of records, for tests. */
export class ListZone implements Zone {
  readonly origin: string;
  readonly stamps = new StampTable();
  list: readonly ResourceRecord[];

  constructor(origin: string, list: readonly ResourceRecord[]) {
    this.origin = origin;
    this.list = list;
  }

  set(list: readonly ResourceRecord[]): void {
    for (const record of [...this.list, ...list])
      this.stamps.touch(this.stamps.stampOf(record.name));
    this.list = list;
  }

  answer(question: Question): ZoneAnswer {
    const named = this.list.filter((record) => record.name === question.name);
    const answers = named.filter(
      (record) => question.type === recordTypes.any || typeNumber(record) === question.type,
    );
    return {
      rcode: named.length === 0 ? rcodes.nxDomain : rcodes.noError,
      answers,
      authorities: [],
      additionals: [],
      ...(named.length === 0 ? {} : { stamp: this.stamps.stampOf(question.name) }),
    };
  }

  *records(): Iterable<ResourceRecord> {
    yield* this.list;
  }
}
