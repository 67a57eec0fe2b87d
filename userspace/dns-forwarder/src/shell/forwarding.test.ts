import { decode, encode } from "dns-packet";
import { afterEach, describe, expect, test } from "vitest";
import type { DnsForwarder, DnsForwarderOptions } from "./options.ts";
import { ask, dataOf, openForwarder, TestClock } from "./testing/forwarder.ts";
import {
  addressRecord,
  answerTo,
  soaRecord,
  startUpstream,
  type Say,
  type TestUpstream,
} from "./testing/upstream.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function upstream(say: Say): Promise<TestUpstream> {
  const started = await startUpstream(say);
  closing.push(() => started.close());
  return started;
}

async function open(options: Partial<DnsForwarderOptions>): Promise<DnsForwarder> {
  const opened = await openForwarder(options);
  closing.push(() => opened.close());
  return opened;
}

const yes =
  (address: string, ttl = 60): Say =>
  (query) =>
    answerTo(query, [addressRecord(query.questions?.[0]?.name ?? "", address, ttl)]);
const fail =
  (rcode: number): Say =>
  (query) =>
    answerTo(query, [], { rcode });
/** Where the owner of the first record begins in what the liar sends. */
let ownerAt = 0;
const silent: Say = () => undefined;

function metric(forwarder: DnsForwarder, line: string): number {
  const found = forwarder
    .metrics()
    .split("\n")
    .find((one) => one.startsWith(`${line} `));
  return Number(found?.split(" ").at(-1) ?? Number.NaN);
}

describe("names that are not ours", () => {
  test("[FWD20] go to the upstreams of the longest forward zone, else to the default ones", async () => {
    const corp = await upstream(yes("1.1.1.1"));
    const deep = await upstream(yes("2.2.2.2"));
    const rest = await upstream(yes("3.3.3.3"));
    const forwarder = await open({
      upstreams: [rest.endpoint],
      forwardZones: { "Corp.Example.": [corp.endpoint], "deep.corp.example": [deep.endpoint] },
    });
    expect(dataOf(await ask(forwarder, "a.corp.example"))).toEqual(["1.1.1.1"]);
    expect(dataOf(await ask(forwarder, "a.DEEP.corp.example"))).toEqual(["2.2.2.2"]);
    expect(dataOf(await ask(forwarder, "acorp.example"))).toEqual(["3.3.3.3"]);
    expect(metric(forwarder, 'dns_forwarder_queries_total{zone="corp.example."}')).toBe(1);
  });

  test("[FWD20] without upstreams, and without RD, they are REFUSED", async () => {
    const rest = await upstream(yes("3.3.3.3"));
    expect((await ask(await open({}), "a.example")).code).toBe(5);
    const forwarder = await open({ upstreams: [rest.endpoint] });
    expect((await ask(forwarder, "a.example", { flags: 0 })).code).toBe(5);
    expect(rest.asked).toEqual([]);
  });

  test("[FWD21] are asked of all upstreams at once, and the first good answer wins", async () => {
    const good = await upstream(yes("4.4.4.4"));
    const others = await Promise.all([silent, fail(2), fail(5)].map(upstream));
    const forwarder = await open({
      upstreams: [...others.map((one) => one.endpoint), good.endpoint],
    });
    expect(dataOf(await ask(forwarder, "a.example"))).toEqual(["4.4.4.4"]);
    for (const one of [...others, good]) expect(one.asked.length).toBe(1);
    expect(new Set([...others, good].map((one) => one.asked[0]?.id)).size).toBeGreaterThan(1);
  });

  test("[FWD21] fail when all upstreams fail, and a failure is kept a second", async () => {
    const clock = new TestClock();
    const bad = await Promise.all([fail(2), fail(2)].map(upstream));
    const forwarder = await open({ clock, upstreams: bad.map((one) => one.endpoint) });
    expect((await ask(forwarder, "a.example")).code).toBe(2);
    expect((await ask(forwarder, "a.example")).code).toBe(2);
    expect(bad[0]?.asked.length).toBe(1);
    clock.advance(1001);
    expect((await ask(forwarder, "a.example")).code).toBe(2);
    expect(bad[0]?.asked.length).toBe(2);
    expect(metric(forwarder, 'dns_forwarder_failures_total{zone="."}')).toBe(2);
  });

  test("[FWD23] are SERVFAIL when nobody answers, and it is told who was silent", async () => {
    const quiet = await upstream(silent);
    const forwarder = await open({ upstreams: [quiet.endpoint] });
    const startMs = performance.now();
    expect((await ask(forwarder, "a.example")).code).toBe(2);
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(quiet.asked.length).toBe(2);
    expect(forwarder.metrics()).toMatch(
      new RegExp(`worker_failures_total.*127.0.0.1:${quiet.endpoint.port}.*TIMEOUT"} 2`),
    );
  }, 180_000);

  test("[FWD23] are SERVFAIL at once when no way leads to the upstream, and another one may still answer", async () => {
    const nowhere = { address: "255.255.255.255", port: 53 };
    const alone = await open({ upstreams: [nowhere] });
    // Without waiting for an answer that cannot come: a busy machine is late once, not each time.
    const tookMs: number[] = [];
    for (const name of ["a.example", "b.example", "c.example"]) {
      const startMs = performance.now();
      expect((await ask(alone, name)).code).toBe(2);
      tookMs.push(performance.now() - startMs);
    }
    expect(Math.min(...tookMs)).toBeLessThan(1400);
    expect(alone.metrics()).toMatch(
      /worker_failures_total.*255\.255\.255\.255:53.*reason="E[A-Z]+"} 3/,
    );
    const good = await upstream(yes("7.7.7.7"));
    const both = await open({ upstreams: [nowhere, good.endpoint] });
    expect(dataOf(await ask(both, "a.example"))).toEqual(["7.7.7.7"]);
  });

  test("[FWD22] [FWD29] an answer with another id or question, or that is none, is not taken", async () => {
    const liar = await upstream((query, from) => {
      const [question] = query.questions ?? [];
      from.reply(Uint8Array.from([1, 2, 3]));
      const other = { ...query, questions: [{ type: "A" as const, name: "b.example" }] };
      return (question?.name ?? "").startsWith("a")
        ? answerTo({ ...query, id: ((query.id ?? 0) + 1) & 0xffff }, [
            addressRecord("a.example", "6.6.6.6"),
          ])
        : answerTo(other, [addressRecord("b.example", "6.6.6.6")]);
    });
    const honest = await upstream(yes("7.7.7.7"));
    const forwarder = await open({ upstreams: [liar.endpoint, honest.endpoint] });
    expect(dataOf(await ask(forwarder, "a.example"))).toEqual(["7.7.7.7"]);
    expect(dataOf(await ask(forwarder, "c.example"))).toEqual(["7.7.7.7"]);
  });

  test("[FWD29] an answer that loops or lies about its lengths is not passed on", async () => {
    const lies: Readonly<Record<string, (whole: Uint8Array) => Uint8Array>> = {
      loop: (whole) => whole.with(ownerAt, 0xc0).with(ownerAt + 1, ownerAt),
      forward: (whole) => whole.with(ownerAt, 0xc0).with(ownerAt + 1, whole.length - 1),
      long: (whole) => whole.with(ownerAt + 11, 200),
      count: (whole) => whole.with(7, 9),
      short: (whole) => whole.subarray(0, whole.length - 2),
    };
    const liar = await upstream((query, from) => {
      const name = query.questions?.[0]?.name ?? "";
      const lie = lies[name.slice(0, name.indexOf("."))];
      const whole = encode(answerTo(query, [{ ...addressRecord(name, "6.6.6.6"), name: "." }]));
      // Room for a pointer where the owner's name is: two bytes instead of the root's one.
      const at = whole.length - 15;
      const made = Uint8Array.from([...whole.subarray(0, at), 0xc0, 12, ...whole.subarray(at + 1)]);
      ownerAt = at;
      from.reply(lie === undefined ? made : lie(made));
      return undefined;
    });
    const honest = await upstream((query, from) => {
      const name = query.questions?.[0]?.name ?? "";
      const answer = encode(answerTo(query, [addressRecord(name, "7.7.7.7")]));
      // Later than the liar, so that only the lie can be why it wins.
      setTimeout(() => from.reply(answer), 50);
      return undefined;
    });
    const forwarder = await open({ upstreams: [liar.endpoint, honest.endpoint] });
    expect(dataOf(await ask(forwarder, "plain.example"))).toEqual(["6.6.6.6"]);
    for (const lie of Object.keys(lies)) {
      expect([lie, ...dataOf(await ask(forwarder, `${lie}.example`))]).toEqual([lie, "7.7.7.7"]);
    }
  });

  test("[FWD24] answers cut short are asked again over TCP, and clients with small datagrams get TC", async () => {
    const many = Array.from({ length: 100 }, (_, n) => addressRecord("big.example", `10.0.0.${n}`));
    const big = await upstream((query, from) =>
      from.transport === "udp" ? answerTo(query, [], { flags: 0x0200 }) : answerTo(query, many),
    );
    const forwarder = await open({ upstreams: [big.endpoint] });
    const cut = await ask(forwarder, "big.example");
    expect([cut.flag_tc, cut.answers?.length]).toEqual([true, 0]);
    const whole = await ask(forwarder, "big.example", { transport: "tcp" });
    expect([whole.flag_tc, whole.answers?.length]).toEqual([false, 100]);
    expect(big.clients.map((client) => client.transport)).toEqual(["udp", "tcp"]);
    expect(forwarder.metrics()).toMatch(
      /^dns_worker_requests_duration_seconds_count\{protocol="tcp",upstream_address="127\.0\.0\.1:\d+"\} 1$/m,
    );
  });

  test("[FWD24] an old upstream that knows no EDNS is asked again without", async () => {
    const old = await upstream((query) => {
      if ((query.additionals ?? []).length > 0) return answerTo(query, [], { rcode: 1 });
      return answerTo(query, [addressRecord("a.example", "5.5.5.5")]);
    });
    const forwarder = await open({ upstreams: [old.endpoint] });
    expect(dataOf(await ask(forwarder, "a.example"))).toEqual(["5.5.5.5"]);
    expect(old.asked.length).toBe(2);
  });

  test("[FWD25] are kept as long as their time to live, and age", async () => {
    const clock = new TestClock();
    const rest = await upstream(yes("8.8.8.8", 30));
    const forwarder = await open({ clock, upstreams: [rest.endpoint] });
    expect((await ask(forwarder, "a.example")).answers).toMatchObject([{ ttl: 30 }]);
    clock.advance(10_000);
    expect((await ask(forwarder, "A.example")).answers).toMatchObject([{ ttl: 20 }]);
    expect(rest.asked.length).toBe(1);
    clock.advance(20_001);
    expect((await ask(forwarder, "a.example")).answers).toMatchObject([{ ttl: 30 }]);
    expect(rest.asked.length).toBe(2);
  });

  test("[FWD25] a no is kept as long as its SOA says, and not at all without", async () => {
    const clock = new TestClock();
    const rest = await upstream((query) =>
      answerTo(query, [], {
        rcode: 3,
        authorities: query.questions?.[0]?.name === "soa.example" ? [soaRecord("example", 20)] : [],
      }),
    );
    const forwarder = await open({ clock, upstreams: [rest.endpoint] });
    for (let round = 0; round < 3; round += 1) {
      expect((await ask(forwarder, "soa.example")).code).toBe(3);
      expect((await ask(forwarder, "bare.example")).code).toBe(3);
    }
    expect(rest.asked.length).toBe(4);
    clock.advance(20_001);
    await ask(forwarder, "soa.example");
    expect(rest.asked.length).toBe(5);
  });

  test("[FWD26] that are alike are asked once", async () => {
    const waiting: (() => void)[] = [];
    const slow = await upstream((query, from) => {
      const name = query.questions?.[0]?.name ?? "";
      waiting.push(() => from.reply(encode(answerTo(query, [addressRecord(name, "9.9.9.9")]))));
      return undefined;
    });
    const forwarder = await open({ upstreams: [slow.endpoint] });
    const asked = Array.from({ length: 20 }, (_, n) =>
      ask(forwarder, n % 2 === 0 ? "a.example" : "A.eXample"),
    );
    await expect.poll(() => waiting.length, { timeout: 60_000 }).toBe(1);
    await expect
      .poll(() => metric(forwarder, 'dns_forwarder_queries_total{zone="."}'), { timeout: 60_000 })
      .toBe(20);
    waiting[0]?.();
    const answers = await Promise.all(asked);
    expect(answers.map(dataOf)).toEqual(answers.map(() => ["9.9.9.9"]));
    expect(new Set(answers.map((one) => one.questions?.[0]?.name))).toEqual(
      new Set(["a.example", "A.eXample"]),
    );
    expect(slow.asked.length).toBe(1);
  });

  test("[FWD26] a flood of names that do not exist ends in SERVFAIL at once, and harms nobody else", async () => {
    const quiet = await upstream(silent);
    const forwarder = await open({ upstreams: [quiet.endpoint] });
    const asked = Array.from({ length: 400 }, (_, n) => ask(forwarder, `no-${n}.example`));
    const first = await Promise.race(asked);
    expect(first.code).toBe(2);
    await expect
      .poll(() => metric(forwarder, 'dns_forwarder_overloads_total{zone="."}'), { timeout: 60_000 })
      .toBe(400 - 256);
    expect(metric(forwarder, "dns_forwarder_in_flight")).toBe(256);
    expect(dataOf(await ask(forwarder, "ready.spartan"))).toEqual(["127.0.0.1"]);
    await Promise.all(asked);
    expect(metric(forwarder, "dns_forwarder_in_flight")).toBe(0);
  }, 180_000);

  test("[FWD27] are never asked of ourselves", async () => {
    const probe = await open({});
    const [own] = probe.listening;
    await closing.pop()?.();
    if (own === undefined) throw new Error("no address");
    const forwarder = await open({ listen: [own], upstreams: [own, { address: "x", port: 53 }] });
    expect((await ask(forwarder, "a.example")).code).toBe(5);
    expect(forwarder.metrics()).toMatch(/left_out.*reason="own address"} 1/);
    expect(forwarder.metrics()).toMatch(/left_out.*reason="not an address"} 1/);
  });

  test("[FWD27] are never asked of a server that asks us", async () => {
    const asker = await upstream(yes("8.8.8.8"));
    const forwarder = await open({
      upstreams: [asker.endpoint],
      neverUpstreams: [asker.endpoint],
      forwardZones: { "corp.example": [asker.endpoint] },
    });
    for (const name of ["a.example", "a.corp.example"]) {
      expect((await ask(forwarder, name)).code).toBe(5);
    }
    expect(asker.asked).toEqual([]);
  });

  test("[FWD46] handed over by another server are answered as if they had come here", async () => {
    const rest = await upstream(yes("9.9.9.9"));
    const forwarder = await open({ upstreams: [rest.endpoint] });
    const handOver = async (name: string): Promise<Buffer> => {
      const questions = [{ name, type: "A" as const }];
      const query = encode({ type: "query", id: 7, flags: 0x0100, questions });
      const answer = await forwarder.answer(query, { transport: "tcp", address: "10.0.0.7" });
      return Buffer.from(answer ?? []);
    };
    const found = decode(await handOver("a.Example"));
    expect(found).toMatchObject({ id: 7, flag_ra: true, answers: [{ data: "9.9.9.9" }] });
    expect(found.questions?.[0]?.name).toBe("a.Example");
    // It is kept for all who ask, wherever.
    expect(dataOf(await ask(forwarder, "a.example"))).toEqual(["9.9.9.9"]);
    expect(decode(await handOver("ready.spartan")).answers).toMatchObject([{ data: "127.0.0.1" }]);
    expect(rest.asked.length).toBe(1);
    const nothing = await forwarder.answer(Uint8Array.from([1]), { transport: "udp", address: "" });
    expect(nothing).toBeUndefined();
  });

  test("[FWD28] are passed on with the client's id, spelling and EDNS, and without authority", async () => {
    const rest = await upstream((query) =>
      answerTo(query, [addressRecord("a.example", "1.2.3.4")], { flags: 0x0400 }),
    );
    const forwarder = await open({ upstreams: [rest.endpoint] });
    const plain = await ask(forwarder, "a.ExAmple", { flags: 0x0110 });
    expect(plain).toMatchObject({ flag_aa: false, flag_ra: true, flag_rd: true, flag_cd: true });
    expect(plain.questions?.[0]?.name).toBe("a.ExAmple");
    expect(plain.additionals).toEqual([]);
    const edns = await ask(forwarder, "a.example", { edns: 1232, flags: 0x0110 });
    expect(edns.additionals).toMatchObject([{ type: "OPT" }]);
    expect(rest.asked.length).toBe(1);
    expect(rest.asked[0]).toMatchObject({ flag_cd: true, flag_rd: true });
    expect(rest.asked[0]?.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232 }]);
  });
});
