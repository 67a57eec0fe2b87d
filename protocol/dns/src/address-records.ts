import { parseAddress } from "./addresses.ts";
import { recordTypes, type ResourceRecord } from "./records.ts";
import { typeNumber } from "./write-record.ts";

/** A and AAAA records of addresses under one name, each once; a text that is no address is left out. */
export function addressRecords(
  name: string,
  addresses: Iterable<string>,
  ttlSeconds: number,
): ResourceRecord[] {
  return [...new Set(addresses)]
    .filter((address) => parseAddress(address) !== undefined)
    .map((address) => ({
      name,
      ttlSeconds,
      type: address.includes(":") ? "AAAA" : "A",
      address,
    }));
}

/** Whether a question for `type` is answered with `record`. */
export function isOfType(record: ResourceRecord, type: number): boolean {
  return type === recordTypes.any || typeNumber(record) === type;
}
