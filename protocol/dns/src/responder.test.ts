import packet from "dns-packet";
import { describe, expect, test } from "vitest";
import { encodeQuery } from "./encode-query.ts";
import { limits } from "./limits.ts";
import { rcodes, recordTypes, type Question, type ResourceRecord } from "./records.ts";
import { Responder } from "./responder.ts";
import { ListZone } from "./testing/list-zone.ts";
import { StampTable, type Zone, type ZoneAnswer } from "./zone.ts";

function addresses(name: string, count: number): ResourceRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    name,
    ttlSeconds: 5,
    type: "A",
    address: `10.0.${index >> 8}.${index & 255}`,
  }));
}

function world(records: readonly ResourceRecord[], otherNames: "refuse" | "hand back" = "refuse") {
  const zone = new ListZone("mesos", records);
  const responder = new Responder({
    zones: [zone],
    recursionAvailable: true,
    otherNames,
    allocate: (byteCount) => new Uint8Array(byteCount).fill(0xee),
  });
  return { zone, responder };
}

interface Asked {
  readonly type?: packet.RecordType;
  readonly edns?: number;
  readonly transport?: "udp" | "tcp";
}

function ask(responder: Responder, name: string, asked: Asked = {}) {
  const query = packet.encode({
    type: "query",
    id: 4711,
    flags: 0x0100,
    questions: [{ name, type: asked.type ?? "A", class: "IN" }],
    ...(asked.edns === undefined
      ? {}
      : {
          additionals: [
            { type: "OPT", name: ".", udpPayloadSize: asked.edns, flags: 0, options: [] } as never,
          ],
        }),
  });
  const reply = responder.respond(query, asked.transport ?? "udp");
  if (!(reply instanceof Uint8Array)) return reply;
  return { bytes: reply, ...packet.decode(Buffer.from(reply)) };
}

type Reply = Extract<ReturnType<typeof ask>, object>;

function answered(responder: Responder, name: string, asked: Asked = {}): Reply {
  const reply = ask(responder, name, asked);
  if (reply === undefined || typeof reply === "string") throw new Error("there is no reply");
  return reply;
}

function rcodeOf(reply: Reply): number {
  return (reply.bytes[3] ?? 0) & 15;
}

function addressOf(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}

/** Has an address for every name `n<number>.every`. */
class EveryNameZone implements Zone {
  readonly origin = "every";
  readonly stamps = new StampTable();
  askedCount = 0;

  answer({ name }: Question): ZoneAnswer {
    this.askedCount += 1;
    const address = addressOf(Number(name.slice(1, name.indexOf("."))));
    return {
      rcode: rcodes.noError,
      answers: [{ name, ttlSeconds: 5, type: "A", address }],
      authorities: [],
      additionals: [],
      stamp: this.stamps.stampOf(name),
    };
  }

  records(): ResourceRecord[] {
    return [];
  }
}

describe("a responder", () => {
  test("[DNS4] [DNS10] repeats the spelling, the id and RD, and says AA and RA", () => {
    const { responder } = world(addresses("web.mesos", 1));
    for (let round = 0; round < 2; round += 1) {
      const reply = answered(responder, "wEb.MeSoS");
      expect(reply).toMatchObject({ id: 4711, flag_aa: true, flag_ra: true, flag_rd: true });
      expect(reply.questions?.[0]?.name).toBe("wEb.MeSoS");
      expect(reply.answers).toMatchObject([{ name: "wEb.MeSoS", data: "10.0.0.0", ttl: 5 }]);
    }
  });

  test.each([
    { count: 29, edns: undefined, transport: "udp", kept: 29, cut: false },
    { count: 40, edns: undefined, transport: "udp", kept: 30, cut: true },
    { count: 40, edns: 4096, transport: "udp", kept: 40, cut: false },
    { count: 80, edns: 4096, transport: "udp", kept: 74, cut: true },
    { count: 40, edns: 100, transport: "udp", kept: 29, cut: true },
    { count: 1000, edns: undefined, transport: "tcp", kept: 1000, cut: false },
    { count: 4500, edns: undefined, transport: "tcp", kept: 4094, cut: false },
  ] as const)(
    "[DNS11] of $count addresses $kept fit with EDNS $edns over $transport",
    ({ count, edns, transport, kept, cut }) => {
      const { responder } = world(addresses("web.mesos", count));
      const reply = answered(responder, "web.mesos", {
        transport,
        ...(edns === undefined ? {} : { edns }),
      });
      expect(reply.flag_tc).toBe(cut);
      expect(reply.answers?.length).toBe(kept);
      const room = {
        udp: edns === undefined || edns < 512 ? 512 : limits.datagramBytesMax,
        tcp: 65_535,
      };
      expect(reply.bytes.length).toBeLessThanOrEqual(room[transport]);
    },
  );

  test("[DNS12] answers come in turns, from what is kept as from what is new, and when cut", () => {
    for (const count of [10, 40]) {
      const { responder } = world(addresses("web.mesos", count));
      const firsts = new Set<string>();
      for (let round = 0; round < count; round += 1) {
        const reply = answered(responder, "web.mesos");
        const data = (reply.answers ?? []).map((one) => (one as packet.StringAnswer).data);
        expect(new Set(data).size).toBe(Math.min(count, 30));
        firsts.add(data[0] ?? "");
      }
      expect(firsts.size).toBe(count);
    }
  });

  test("[DNS15] a kept answer goes with its stamp", () => {
    const { zone, responder } = world(addresses("web.mesos", 2));
    expect(answered(responder, "web.mesos").answers?.length).toBe(2);
    expect(answered(responder, "web.mesos").answers?.length).toBe(2);
    zone.set(addresses("web.mesos", 3));
    expect(answered(responder, "web.mesos").answers?.length).toBe(3);
    zone.set([]);
    expect(rcodeOf(answered(responder, "web.mesos"))).toBe(rcodes.nxDomain);
    zone.list = addresses("web.mesos", 1);
    expect(rcodeOf(answered(responder, "web.mesos"))).toBe(rcodes.noError);
    zone.stamps.touchAll();
    zone.list = addresses("web.mesos", 4);
    expect(answered(responder, "web.mesos").answers?.length).toBe(4);
  });

  test("[DNS15] however many names are asked, each gets its own answer, and little is kept", () => {
    const zone = new EveryNameZone();
    const responder = new Responder({
      zones: [zone],
      recursionAvailable: false,
      otherNames: "refuse",
      allocate: (byteCount) => new Uint8Array(byteCount),
    });
    const nameCount = 80_000;
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < nameCount; number += 1) {
        const query = encodeQuery(
          { name: `n${number}.every`, type: recordTypes.a, class: 1 },
          { id: 1, recursionDesired: false, edns: false },
        );
        const reply = responder.respond(query ?? new Uint8Array(), "udp");
        if (!(reply instanceof Uint8Array)) throw new Error("there is no reply");
        const address = [...reply.subarray(-4)];
        if (address.join(".") !== addressOf(number))
          throw new Error(`n${number} is ${address.join(".")}`);
      }
    }
    // Some of the second round came from what was kept, and some had been forgotten.
    expect(zone.askedCount).toBeGreaterThan(nameCount + nameCount / 10);
    expect(zone.askedCount).toBeLessThan(2 * nameCount - nameCount / 4);
  });

  test("[DNS15] a flood of names that do not exist keeps nothing, and takes nothing away", () => {
    const list = new ListZone("mesos", addresses("web.mesos", 1));
    let askedCount = 0;
    const responder = new Responder({
      zones: [
        {
          origin: "mesos",
          stamps: list.stamps,
          records: () => list.records(),
          answer: (question) => {
            askedCount += 1;
            return list.answer(question);
          },
        },
      ],
      recursionAvailable: false,
      otherNames: "refuse",
      allocate: (byteCount) => new Uint8Array(byteCount),
    });
    answered(responder, "web.mesos");
    const floodCount = 70_000;
    for (let number = 0; number < floodCount; number += 1) {
      const question = { name: `no-${number}.mesos`, type: recordTypes.a, class: 1 };
      const query = encodeQuery(question, { id: 1, recursionDesired: false, edns: false });
      const reply = responder.respond(query ?? new Uint8Array(), "udp");
      if (!(reply instanceof Uint8Array)) throw new Error("there is no reply");
      if (((reply[3] ?? 0) & 15) !== rcodes.nxDomain) throw new Error(`no-${number} is there`);
    }
    expect(askedCount).toBe(1 + floodCount);
    answered(responder, "web.mesos");
    expect(askedCount).toBe(1 + floodCount);
    answered(responder, "no-1.mesos");
    expect(askedCount).toBe(2 + floodCount);
  });

  test("[DNS16] who speaks EDNS gets an OPT record, others none", () => {
    const { responder } = world(addresses("web.mesos", 1));
    expect(answered(responder, "web.mesos").additionals).toEqual([]);
    expect(answered(responder, "web.mesos", { edns: 1232 }).additionals).toMatchObject([
      { type: "OPT", udpPayloadSize: 1232 },
    ]);
    expect(answered(responder, "none.mesos", { edns: 1232 }).additionals?.length).toBe(1);
  });

  test("[DNS14] tallies tell what zones were asked and how it ended", () => {
    const { responder } = world(addresses("web.mesos", 1));
    answered(responder, "web.mesos");
    answered(responder, "web.mesos");
    answered(responder, "web.mesos", { type: "AAAA" });
    answered(responder, "none.mesos");
    expect(responder.tallies).toEqual([
      { origin: "mesos", queryCount: 4, nxDomainCount: 1, noDataCount: 1, failureCount: 0 },
    ]);
  });

  test("names in no zone are REFUSED or handed back", () => {
    expect(rcodeOf(answered(world([]).responder, "example.org"))).toBe(rcodes.refused);
    expect(ask(world([], "hand back").responder, "example.org")).toBe("hand back");
    expect(rcodeOf(answered(world([]).responder, "notmesos"))).toBe(rcodes.refused);
  });
});

describe("queries that are none", () => {
  const name = [3, 0x77, 0x65, 0x62, 5, 0x6d, 0x65, 0x73, 0x6f, 0x73, 0];
  const head = (counts: readonly number[], flags = 0): number[] => [
    0x12,
    0x34,
    flags >> 8,
    flags & 255,
    ...counts.flatMap((count) => [0, count]),
  ];
  const opt = (version: number): number[] => [
    0,
    0,
    recordTypes.opt,
    4,
    208,
    0,
    version,
    0,
    0,
    0,
    0,
  ];
  const question = [...name, 0, 1, 0, 1];

  test.each([
    ["shorter than a header", [1, 2, 3], undefined],
    ["an answer", [...head([1, 0, 0, 0], 0x8000), ...question], undefined],
    ["a notify", [...head([1, 0, 0, 0], 0x2000), ...question], rcodes.notImp],
    ["without a question", head([0, 0, 0, 0]), rcodes.formErr],
    ["with two questions", [...head([2, 0, 0, 0]), ...question, ...question], rcodes.formErr],
    ["a pointer to itself", [...head([1, 0, 0, 0]), 0xc0, 12, 0, 1, 0, 1], rcodes.formErr],
    ["a pointer round", [...head([1, 0, 0, 0]), 1, 65, 0xc0, 12, 0, 1, 0, 1], rcodes.formErr],
    ["a label that is too long", [...head([1, 0, 0, 0]), 64, ...name], rcodes.formErr],
    [
      "a label type that does not exist",
      [...head([1, 0, 0, 0]), 0x80, 0, 0, 1, 0, 1],
      rcodes.formErr,
    ],
    ["a name without end", [...head([1, 0, 0, 0]), 3, 0x77, 0x65], rcodes.formErr],
    ["a question cut off", [...head([1, 0, 0, 0]), ...name, 0, 1], rcodes.formErr],
    ["an answer in a query", [...head([1, 1, 0, 0]), ...question], rcodes.formErr],
    ["additional records that are not there", [...head([1, 0, 0, 1]), ...question], rcodes.formErr],
    ["two OPT", [...head([1, 0, 0, 2]), ...question, ...opt(0), ...opt(0)], rcodes.formErr],
    ["a newer EDNS", [...head([1, 0, 0, 1]), ...question, ...opt(1)], 0],
    ["another class", [...head([1, 0, 0, 0]), ...name, 0, 1, 0, 3], rcodes.refused],
    ["AXFR", [...head([1, 0, 0, 0]), ...name, 0, recordTypes.axfr, 0, 1], rcodes.refused],
  ] as const)("[DNS1] [DNS2] [DNS3] %s", (_title, bytes, rcode) => {
    const { responder } = world(addresses("web.mesos", 1));
    const reply = responder.respond(Uint8Array.from(bytes), "udp");
    if (rcode === undefined) {
      expect(reply).toBeUndefined();
      return;
    }
    if (!(reply instanceof Uint8Array)) throw new Error("there is no reply");
    expect((reply[3] ?? 0) & 15).toBe(rcode);
    expect([reply[0], reply[1]]).toEqual([0x12, 0x34]);
    if (bytes.length > 30 && rcode === 0) expect(reply.at(-6)).toBe(rcodes.badVers >> 4);
  });

  test("[DNS3] a name of 255 bytes is taken, one of 256 is not", () => {
    const { responder } = world([]);
    const labels = (last: number): number[] => [
      ...[63, 63, 63, last].flatMap((length) => [length, ...Array.from({ length }, () => 0x61)]),
      0,
    ];
    for (const [last, rcode] of [
      [61, rcodes.refused],
      [62, rcodes.formErr],
    ] as const) {
      const query = [...head([1, 0, 0, 0]), ...labels(last), 0, 1, 0, 1];
      const reply = responder.respond(Uint8Array.from(query), "udp");
      expect(reply instanceof Uint8Array && (reply[3] ?? 0) & 15).toBe(rcode);
    }
  });
});
