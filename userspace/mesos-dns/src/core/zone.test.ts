import { describe, expect, test } from "vitest";
import { findProblems } from "./problems.ts";
import { taskHash } from "./task-hash.ts";
import { agent, framework, look, task, zoneOf } from "./testing/facts.ts";

const marathon = framework("marathon", { address: "10.0.0.9", port: 25_501 });
const masters = [0, 1, 2].map((index) => ({
  kind: "master" as const,
  index,
  address: `10.0.0.${index + 1}`,
  port: 5050,
  leader: index === 1,
}));
const base = [...masters, marathon, agent(1), agent(2), agent(3, "fd00::3")];

const discovered = task("big.dog", {
  taskId: "dog.1",
  containerAddresses: ["10.3.0.1", "fd01:b::2", "10.3.0.99"],
  ports: [31_000, 31_001],
  discovery: {
    name: "big.dog",
    visibility: "FRAMEWORK",
    ports: [
      { number: 80, name: "http", protocol: "tcp" },
      { number: 53, protocol: "tcp,udp" },
      { number: 99, name: "odd", protocol: "" },
    ],
  },
});
const facts = [
  ...base,
  task("web", { taskId: "web.1" }),
  task("web", { taskId: "web.2", agentId: "20150101-S2", ports: [31_005] }),
  task("web", { taskId: "web.3", agentId: "20150101-S2", ports: [31_005] }),
  task("six", { agentId: "20150101-S3", containerAddresses: ["fd01::6"], ports: [] }),
  discovered,
];
const w1 = `web-${taskHash("web.1")}-s1`;
const w2 = `web-${taskHash("web.2")}-s2`;
const w3 = `web-${taskHash("web.3")}-s2`;
const dog = `big-dog-${taskHash("dog.1")}-s1`;

describe("names of the zone", () => {
  const { zone } = zoneOf(facts);

  test("[FWD42] tasks of one name on one agent, and a framework called as names of ours, list each record once", () => {
    const slave = framework("slave", { id: "s" });
    for (const each of [zone, zoneOf([...facts, slave]).zone]) {
      const lines = [...each.records()].map((record) => JSON.stringify(record));
      expect(lines.filter((line, at) => lines.indexOf(line) < at)).toEqual([]);
      expect(lines.filter((line) => line.includes('"web.marathon.mesos"'))).toHaveLength(2);
    }
  });

  test.each([
    ["[MDN1]", "web.marathon.mesos", ["A 10.1.0.1", "A 10.1.0.2"]],
    ["[MDN1]", "big-dog.marathon.mesos", ["A 10.3.0.1", "AAAA fd01:b::2"]],
    ["[MDN1]", "six.marathon.mesos", ["AAAA fd01::6"]],
    ["[MDN2]", "web.marathon.slave.mesos", ["A 10.1.0.1", "A 10.1.0.2"]],
    ["[MDN2]", "big-dog.marathon.slave.mesos", ["A 10.1.0.1"]],
    ["[MDN2]", "six.marathon.slave.mesos", ["AAAA fd00::3"]],
    ["[MDN3]", `${w2}.marathon.mesos`, ["A 10.1.0.2"]],
    ["[MDN3]", `${w2}.marathon.slave.mesos`, ["A 10.1.0.2"]],
    ["[MDN3]", `web-${taskHash("web.1")}-s2.marathon.mesos`, "NXDOMAIN"],
    ["[MDN4] [MDN5]", "big.dog.marathon.mesos", ["A 10.3.0.1", "AAAA fd01:b::2"]],
    ["[MDN4]", `big.dog-${taskHash("dog.1")}-s1.marathon.slave.mesos`, ["A 10.1.0.1"]],
    ["[MDN4]", "w.eb.marathon.mesos", "NXDOMAIN"],
    [
      "[MDN10]",
      "_web._tcp.marathon.mesos",
      [
        `SRV ${w1}.marathon.slave.mesos:31000`,
        `SRV ${w2}.marathon.slave.mesos:31005`,
        `SRV ${w3}.marathon.slave.mesos:31005`,
      ].toSorted(),
    ],
    [
      "[MDN10]",
      "_web._udp.marathon.slave.mesos",
      [
        `SRV ${w1}.marathon.slave.mesos:31000`,
        `SRV ${w2}.marathon.slave.mesos:31005`,
        `SRV ${w3}.marathon.slave.mesos:31005`,
      ].toSorted(),
    ],
    [
      "[MDN11]",
      "_big-dog._tcp.marathon.mesos",
      [80, 53, 99].map((port) => `SRV ${dog}.marathon.mesos:${port}`).toSorted(),
    ],
    [
      "[MDN11]",
      "_big-dog._udp.marathon.mesos",
      [53, 99].map((port) => `SRV ${dog}.marathon.mesos:${port}`).toSorted(),
    ],
    ["[MDN11]", "_http._big-dog._tcp.marathon.mesos", [`SRV ${dog}.marathon.mesos:80`]],
    ["[MDN11]", "_odd._big-dog._udp.marathon.mesos", [`SRV ${dog}.marathon.mesos:99`]],
    ["[MDN11]", "_http._big-dog._udp.marathon.mesos", "NXDOMAIN"],
    [
      "[MDN11]",
      "_big-dog._tcp.marathon.slave.mesos",
      [31_000, 31_001].map((port) => `SRV ${dog}.marathon.slave.mesos:${port}`),
    ],
    ["[MDN4] [MDN11]", "_http._big.dog._tcp.marathon.mesos", [`SRV ${dog}.marathon.mesos:80`]],
    ["[MDN8]", "web.*.marathon.mesos", ["A 10.1.0.1", "A 10.1.0.2"]],
    ["[MDN8]", "leader.*.mesos", ["A 10.0.0.2"]],
    ["[MDN8]", "*.mesos", "NXDOMAIN"],
    ["[MDN8]", "*.marathon.mesos", "NXDOMAIN"],
    ["[MDN20]", "leader.mesos", ["A 10.0.0.2"]],
    ["[MDN20]", "master.mesos", ["A 10.0.0.1", "A 10.0.0.2", "A 10.0.0.3"]],
    ["[MDN20]", "master2.mesos", ["A 10.0.0.3"]],
    ["[MDN20]", "master3.mesos", "NXDOMAIN"],
    ["[MDN20]", "slave.mesos", ["A 10.1.0.1", "A 10.1.0.2", "AAAA fd00::3"]],
    ["[MDN20]", "ns1.mesos", ["A 10.0.0.1"]],
    ["[MDN20]", "_leader._tcp.mesos", ["SRV leader.mesos:5050"]],
    ["[MDN20]", "_leader._udp.mesos", ["SRV leader.mesos:5050"]],
    ["[MDN20]", "_master._tcp.mesos", ["SRV master.mesos:5050"]],
    ["[MDN20]", "_slave._tcp.mesos", ["SRV slave.mesos:5051"]],
    ["[MDN20]", "_slave._udp.mesos", "NXDOMAIN"],
    ["[MDN21]", "marathon.mesos", ["A 10.0.0.9"]],
    ["[MDN21]", "_framework._tcp.marathon.mesos", ["SRV marathon.mesos:25501"]],
    ["[MDN21]", "_framework._udp.marathon.mesos", "NXDOMAIN"],
    ["[MDN22]", "mesos", ["NS ns1.mesos", "SOA"]],
    ["[MDN22]", "_tcp.mesos", []],
    ["[MDN22]", "_tcp.marathon.mesos", []],
    ["[MDN22]", "marathon.slave.mesos", []],
    ["[MDN22]", "_web._tcp.nobody.mesos", "NXDOMAIN"],
    ["[MDN22]", "web.nobody.mesos", "NXDOMAIN"],
    ["[MDN22]", "nobody.mesos", "NXDOMAIN"],
    ["[MDN22]", "_nobody.marathon.mesos", "NXDOMAIN"],
    ["[MDN22]", "_.marathon.mesos", "NXDOMAIN"],
    ["[MDN22]", "web.marathon.slave.slave.mesos", "NXDOMAIN"],
  ] as const)("%s %s", (_rule, name, expected) => {
    expect(look(zone, name)).toEqual(expected);
  });

  test("[MDN12] services have addresses of what they lead to beside them", () => {
    const answer = zone.answer({ name: "_big-dog._tcp.marathon.mesos", type: 33, class: 1 });
    expect(answer.additionals).toMatchObject([
      { name: `${dog}.marathon.mesos`, address: "10.3.0.1" },
      { name: `${dog}.marathon.mesos`, address: "fd01:b::2" },
    ]);
  });

  test("[MDN22] a name without such a type is NOERROR, an unknown one NXDOMAIN, both with the SOA", () => {
    for (const [name, rcode] of [
      ["web.marathon.mesos", 0],
      ["none.marathon.mesos", 3],
    ] as const) {
      const answer = zone.answer({ name, type: 28, class: 1 });
      expect(answer).toMatchObject({
        rcode,
        answers: [],
        authorities: [{ type: "SOA", name: "mesos" }],
      });
    }
  });

  test("[MDN1] the order of sources decides", () => {
    const host = zoneOf(facts, { ipSources: ["host"] });
    expect(look(host.zone, "big-dog.marathon.mesos")).toEqual(["A 10.1.0.1"]);
    const container = zoneOf(facts, { ipSources: ["mesos"] });
    expect(look(container.zone, "web.marathon.mesos")).toEqual([]);
  });

  test("[MDN5] frameworks keep their dots, with and without RFC 952", () => {
    const prod = framework("marathon.prod", { id: "p" });
    const more = [...facts, prod, task("9-lives_of.a cat", { frameworkId: "p", taskId: "c" })];
    const { zone: usual } = zoneOf(more);
    expect(look(usual, "9-lives-of-acat.marathon.prod.mesos")).toEqual(["A 10.1.0.1"]);
    expect(look(usual, "marathon.prod.mesos")).toEqual([]);
    expect(look(usual, "prod.mesos")).toEqual([]);
    const { zone: strict } = zoneOf(more, { enforceRfc952: true });
    expect(look(strict, "lives-of-acat.marathon.prod.mesos")).toEqual(["A 10.1.0.1"]);
  });

  test("[MDN3] a label without room for hash and agent is cut", () => {
    const name = "a".repeat(63);
    const { zone: long } = zoneOf([...base, task(name, { taskId: "long" })]);
    const cut = `${"a".repeat(54)}-${taskHash("long")}-s1`;
    expect(cut.length).toBe(63);
    expect(look(long, `${cut}.marathon.mesos`)).toEqual(["A 10.1.0.1"]);
    expect(look(long, `_${"a".repeat(63)}._tcp.marathon.mesos`)).toEqual([
      `SRV ${cut}.marathon.slave.mesos:31000`,
    ]);
  });
});

describe("what is wrong with names", () => {
  test("[MDN7] names that collapse lead to all, and are told", () => {
    const { zone, index } = zoneOf([
      ...base,
      task("a.b", { taskId: "1" }),
      task("a_b", { taskId: "2", agentId: "20150101-S2" }),
      framework("Marathon", { id: "other" }),
    ]);
    expect(look(zone, "a-b.marathon.mesos")).toEqual(["A 10.1.0.1", "A 10.1.0.2"]);
    expect(findProblems(index, "mesos")).toMatchObject([
      { code: "NAMES_COLLAPSE", name: "marathon.mesos", given: ["marathon", "Marathon"] },
      { code: "NAMES_COLLAPSE", name: "a-b.marathon.mesos", given: ["a.b", "a_b"] },
    ]);
  });

  test("[MDN6] [MDN7] a name of which nothing remains is told; tasks that share a name are no problem", () => {
    const { index } = zoneOf([...facts, task("___", { taskId: "e" })]);
    expect(findProblems(index, "mesos")).toMatchObject([{ code: "NAME_EMPTY", given: ["___"] }]);
  });

  test("[MDN7] many problems are told up to a bound", () => {
    const many = Array.from({ length: 300 }, (_, n) => task("!", { taskId: `t${n}` }));
    const { index } = zoneOf([...base, ...many]);
    expect(findProblems(index, "mesos").length).toBe(100);
  });
});
