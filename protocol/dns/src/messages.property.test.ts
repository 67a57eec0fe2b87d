import packet from "dns-packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIpv6, parseIpv6 } from "./addresses.ts";
import { decodeMessage, scanAnswer } from "./decode-message.ts";
import { encodeQuery } from "./encode-query.ts";
import { limits } from "./limits.ts";
import { nameToWire, readName } from "./names.ts";
import { recordTypes, type ResourceRecord } from "./records.ts";
import { Responder } from "./responder.ts";
import { anyName, anyRecord } from "./testing/arbitraries.ts";
import { ListZone } from "./testing/list-zone.ts";
import { typeNumber } from "./write-record.ts";

/** A record as dns-packet names its parts. */
function forPacket(record: ResourceRecord): packet.Answer {
  const head = { name: record.name, ttl: record.ttlSeconds, class: "IN" as const };
  switch (record.type) {
    case "A":
    case "AAAA":
      return { ...head, type: record.type, data: record.address };
    case "NS":
    case "CNAME":
    case "PTR":
      return { ...head, type: record.type, data: record.target };
    case "SRV":
      return {
        ...head,
        type: "SRV",
        data: {
          priority: record.priority,
          weight: record.weight,
          port: record.port,
          target: record.target,
        },
      };
    case "TXT":
      return { ...head, type: "TXT", data: record.texts.map((text) => Buffer.from(text)) };
    case "SOA":
      return {
        ...head,
        type: "SOA",
        data: {
          mname: record.primary,
          rname: record.mailbox,
          serial: record.serial,
          refresh: record.refreshSeconds,
          retry: record.retrySeconds,
          expire: record.expireSeconds,
          minimum: record.minimumSeconds,
        },
      };
    case "OTHER":
      throw new Error("not made by anyRecord");
  }
}

function sorted(records: readonly packet.Answer[]): string[] {
  return records.map((record) => JSON.stringify(record, Object.keys(flat(record)).sort())).sort();
}

/** All keys of a record and of what is in it, so that JSON has one order. */
function flat(value: object): Record<string, unknown> {
  return Object.assign({}, value, ...Object.values(value).filter((one) => typeof one === "object"));
}

function comparable(record: packet.Answer): packet.Answer {
  const { name, type, ttl, class: recordClass, data } = record as packet.StringAnswer;
  return { name, type, ttl, class: recordClass, data };
}

function responderFor(records: readonly ResourceRecord[]): Responder {
  return new Responder({
    zones: [new ListZone("", records)],
    recursionAvailable: false,
    otherNames: "refuse",
    allocate: (byteCount) => new Uint8Array(byteCount),
  });
}

describe("what dns-packet writes and reads", () => {
  test("[DNS6] an answer of ours is read by dns-packet as it was meant", () => {
    fc.assert(
      fc.property(
        anyName.chain((name) =>
          fc.record({
            name: fc.constant(name),
            records: fc.array(anyRecord(fc.constant(name)), { minLength: 1, maxLength: 8 }),
          }),
        ),
        fc.integer({ min: 0, max: 65_535 }),
        ({ name, records }, id) => {
          const query = encodeQuery(
            { name, type: 255, class: 1 },
            { id, recursionDesired: true, edns: false },
          );
          const reply = responderFor(records).respond(query ?? new Uint8Array(), "tcp");
          expect(reply).toBeInstanceOf(Uint8Array);
          const read = packet.decode(Buffer.from(reply as Uint8Array));
          expect(read).toMatchObject({ id, type: "response", flag_aa: true, flag_rd: true });
          expect(read.questions?.[0]?.name).toBe(name);
          expect(sorted((read.answers ?? []).map(comparable))).toEqual(
            sorted(records.map(forPacket)),
          );
        },
      ),
    );
  });

  test("[DNS6] a message of dns-packet, fully compressed, is read by us as it was meant", () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord(anyName), { maxLength: 8 }),
        fc.array(anyRecord(anyName), { maxLength: 3 }),
        anyName,
        (answers, authorities, name) => {
          const bytes = Uint8Array.from(
            packet.encode({
              type: "response",
              id: 7,
              flags: 0x0400,
              questions: [{ name, type: "A", class: "IN" }],
              answers: answers.map(forPacket),
              authorities: authorities.map(forPacket),
            }),
          );
          const read = decodeMessage(bytes);
          expect(read?.questions).toEqual([{ name, type: 1, class: 1 }]);
          expect(read?.answers).toEqual(answers);
          expect(read?.authorities).toEqual(authorities);
          const scanned = scanAnswer(bytes);
          expect(scanned?.ttlOffsets.length).toBe(answers.length + authorities.length);
          expect(scanned?.end).toBe(bytes.length);
        },
      ),
    );
  });

  test("[DNS13] a name after the question points at the question or stands whole; targets of SRV always do", () => {
    const web = { name: "_web._tcp.marathon.mesos", ttlSeconds: 5 } as const;
    const target = "web-abc-s1.marathon.mesos";
    const responder = responderFor([
      ...[1, 2].map(
        (port) => ({ ...web, type: "SRV", priority: 0, weight: 1, port, target }) as const,
      ),
      { name: target, ttlSeconds: 5, type: "A", address: "10.0.0.1" },
    ]);
    const ask = packet.encode({
      type: "query",
      id: 1,
      questions: [{ name: web.name, type: "SRV" }],
    });
    const reply = responder.respond(ask, "udp");
    if (!(reply instanceof Uint8Array)) throw new Error("there is a reply");
    const [whole, question] = [target, web.name].map((name) =>
      [...(nameToWire(name) ?? [])].join(","),
    );
    const text = `,${[...reply].join(",")},`;
    const timesOf = (part: string): number => text.split(`,${part},`).length - 1;
    // The question once and then pointers to it, at byte 12; the target whole in both records.
    expect(timesOf(question ?? "")).toBe(1);
    expect(timesOf(`192,12,0,${recordTypes.srv}`)).toBe(2);
    expect(timesOf(whole ?? "")).toBe(2);
    expect([...reply].filter((byte) => byte >= 192).length).toBe(2);
  });

  test("[DNS30] one walk finds times to live, the minimum of the SOA and the OPT; what is malformed is nothing", () => {
    const soa = { mname: "a", rname: "b", serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 30 };
    const bytes = Uint8Array.from(
      packet.encode({
        type: "response",
        id: 7,
        flags: packet.TRUNCATED_RESPONSE | 3,
        questions: [{ name: "x.org", type: "A", class: "IN" }],
        answers: [60, 20].map(
          (ttl) => ({ name: "x.org", type: "A", ttl, data: "10.0.0.1" }) as const,
        ),
        authorities: [{ name: "org", type: "SOA", ttl: 900, data: soa }],
        additionals: [
          { type: "OPT", name: ".", udpPayloadSize: 1232, flags: 0, options: [] } as never,
        ],
      }),
    );
    const scanned = scanAnswer(bytes);
    expect(scanned).toMatchObject({
      rcode: 3,
      truncated: true,
      answerCount: 2,
      additionalCount: 0,
    });
    expect(scanned).toMatchObject({ ttlSecondsMin: 20, negativeTtlSeconds: 30 });
    expect(scanned?.end).toBe(bytes.length - 11);
    const ttls = scanned?.ttlOffsets.map((at) => new DataView(bytes.buffer).getUint32(at));
    expect(ttls).toEqual([60, 20, 900]);
    // Cut anywhere, it is not passed on.
    for (let end = 0; end < bytes.length; end += 1)
      expect(scanAnswer(bytes.subarray(0, end))).toBeUndefined();
  });

  test("[DNS5] any bytes of a name come back as the same bytes", () => {
    const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(labels, (given) => {
        const wire = Uint8Array.from([...given.flatMap((one) => [one.length, ...one]), 0]);
        const read = readName(wire, 0);
        expect(read?.end).toBe(wire.length);
        const lower = wire.map((code) => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code));
        let at = 0;
        for (const one of given) {
          lower[at] = one.length;
          at += one.length + 1;
        }
        expect(nameToWire(read?.name ?? "?")).toEqual(lower);
      }),
    );
  });

  test("addresses come back as they were written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseIpv6(formatIpv6(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(parseIpv6(text)).toBeInstanceOf(Uint8Array);
      }),
    );
  });
});

describe("bytes of anybody", () => {
  const zone = [
    { name: "a.b", ttlSeconds: 5, type: "A", address: "1.2.3.4" },
  ] as const satisfies readonly ResourceRecord[];

  test("[DNS1] [DNS2] random bytes are answered within the bound or not at all, and never throw", () => {
    const responder = responderFor(zone);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const reply = responder.respond(bytes, "udp");
        if (reply instanceof Uint8Array) {
          expect(reply.length).toBeLessThanOrEqual(limits.datagramBytesMax);
          expect((reply[2] ?? 0) & 0x80).toBe(0x80);
        }
        decodeMessage(bytes);
        scanAnswer(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("[DNS1] honest messages with some bytes changed or cut off never throw, and replies can be read", () => {
    const honest = packet.encode({
      type: "query",
      id: 1,
      flags: 0x0100,
      questions: [{ name: "a.b", type: "A" }],
      additionals: [
        { type: "OPT", name: ".", udpPayloadSize: 4096, flags: 0, options: [] } as never,
      ],
    });
    const answer = packet.encode({
      type: "response",
      id: 1,
      questions: [{ name: "a.b", type: "A" }],
      answers: zone.map(forPacket),
      authorities: [
        {
          name: "b",
          type: "SOA",
          ttl: 5,
          data: {
            mname: "ns.b",
            rname: "root.b",
            serial: 1,
            refresh: 1,
            retry: 1,
            expire: 1,
            minimum: 9,
          },
        },
      ],
    });
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 });
    const responder = responderFor(zone);
    fc.assert(
      fc.property(fc.constantFrom(honest, answer), changes, fc.nat(220), (base, change, cut) => {
        const bytes = Uint8Array.from(base);
        for (const [at, value] of change) if (at < bytes.length) bytes[at] = value;
        const given = bytes.subarray(0, Math.max(0, bytes.length - (cut > 100 ? 0 : cut)));
        const reply = responder.respond(given, "udp");
        if (reply instanceof Uint8Array) expect(decodeMessage(reply)).toBeDefined();
        const read = decodeMessage(given);
        if (read !== undefined) for (const record of read.answers) typeNumber(record);
        scanAnswer(given);
      }),
      { numRuns: 3000 },
    );
  });
});
