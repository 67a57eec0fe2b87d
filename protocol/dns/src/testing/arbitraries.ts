import fc from "fast-check";
import { formatIpv6 } from "../addresses.ts";
import type { ResourceRecord } from "../records.ts";

/** Labels as hosts have them, and a few with underscores. */
const label = fc.stringMatching(/^[_a-z0-9][a-z0-9-]{0,9}$/);

/** Names of one to five labels. */
export const anyName = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => labels.join("."));

const ttlSeconds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const uint16 = fc.integer({ min: 0, max: 65_535 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** A record of any of the types that we write, named `name`. */
export function anyRecord(name: fc.Arbitrary<string>): fc.Arbitrary<ResourceRecord> {
  return fc.oneof(
    fc.record({
      name,
      ttlSeconds,
      type: fc.constant("A" as const),
      address: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => bytes.join(".")),
    }),
    fc.record({
      name,
      ttlSeconds,
      type: fc.constant("AAAA" as const),
      address: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(formatIpv6),
    }),
    fc.record({
      name,
      ttlSeconds,
      type: fc.constantFrom("NS" as const, "CNAME" as const, "PTR" as const),
      target: anyName,
    }),
    fc.record({
      name,
      ttlSeconds,
      type: fc.constant("SRV" as const),
      priority: uint16,
      weight: uint16,
      port: uint16,
      target: anyName,
    }),
    fc.record({
      name,
      ttlSeconds,
      type: fc.constant("TXT" as const),
      texts: fc.array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      name,
      ttlSeconds,
      type: fc.constant("SOA" as const),
      primary: anyName,
      mailbox: anyName,
      serial: uint32,
      refreshSeconds: uint32,
      retrySeconds: uint32,
      expireSeconds: uint32,
      minimumSeconds: uint32,
    }),
  );
}
