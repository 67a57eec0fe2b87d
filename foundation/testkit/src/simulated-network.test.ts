import { expect, test } from "vitest";
import {
  carryOutFaults,
  createSeededRandom,
  planFaults,
  SimulatedNetwork,
  SimulatedWorld,
} from "./index.ts";
import type { CallOutcome, CallService, SimulatedStream, StreamService } from "./index.ts";

const add: CallService<number, string> = { name: "add" };
const events: StreamService<string, number, string> = { name: "events" };

function net(seed = 1) {
  const world = new SimulatedWorld({ seed });
  const network = new SimulatedNetwork(world);
  return { world, network, a: world.addNode("a"), b: world.addNode("b") };
}

const text = (outcome: CallOutcome<string>): string =>
  outcome.type === "answered" ? outcome.answer : outcome.code;

test("a call is answered; without a server it is refused, by a dead node too", () => {
  const { world, network, a, b } = net();
  const seen: string[] = [];
  network.call(a, "b", add, 1, (outcome) => seen.push(text(outcome)));
  world.run(10);
  network.serve(b, add, (request, reply, from) => reply(`${from}:${request}`));
  network.call(a, "b", add, 2, (outcome) => seen.push(text(outcome)));
  world.run(20);
  b.crash();
  network.call(a, "b", add, 3, (outcome) => seen.push(text(outcome)));
  world.run(30);
  b.restart();
  network.call(a, "b", add, 4, (outcome) => seen.push(text(outcome)));
  world.run(40);
  expect(seen).toEqual(["CONNECTION_REFUSED", "a:2", "CONNECTION_REFUSED", "CONNECTION_REFUSED"]);
});

test("an answer does not reach a later life of its caller", () => {
  const { world, network, a, b } = net();
  const seen: string[] = [];
  network.setDefaults({ delayMsMin: 5, delayMsMax: 5 });
  network.serve(b, add, (request, reply) => reply(String(request)));
  network.call(a, "b", add, 1, (outcome) => seen.push(text(outcome)));
  world.run(6);
  a.crash();
  a.restart();
  world.run(100);
  expect(seen).toEqual([]);
});

test("a lossy, doubling network loses calls before and after they are carried out, and carries some out twice", () => {
  const { world, network, a, b } = net();
  network.setDefaults({ loss: 0.3, duplication: 0.3, delayMsMax: 50 });
  const carried = new Map<number, number>();
  const order: number[] = [];
  network.serve(b, add, (request, reply) => {
    carried.set(request, (carried.get(request) ?? 0) + 1);
    order.push(request);
    reply("ok");
  });
  const outcomes = new Map<number, string>();
  for (let call = 0; call < 200; call += 1)
    network.call(a, "b", add, call, (outcome) => outcomes.set(call, text(outcome)));
  world.run(1000);
  const failed = [...outcomes]
    .filter(([, outcome]) => outcome === "CONNECTION_RESET")
    .map(([call]) => call);
  expect(outcomes.size).toBe(200);
  expect(failed.some((call) => carried.has(call))).toBe(true);
  expect(failed.some((call) => !carried.has(call))).toBe(true);
  expect([...carried.values()]).toContain(2);
  expect(order).not.toEqual(order.toSorted((left, right) => left - right));
});

test("a call over a cut link times out; its server may carry it out when the link is mended", () => {
  const { world, network, a, b } = net();
  const seen: string[] = [];
  network.serve(b, add, (request, reply) => {
    seen.push(`carried ${request}`);
    reply("ok");
  });
  network.partition([["a"], ["b"]]);
  network.call(a, "b", add, 1, (outcome) => seen.push(text(outcome)), 100);
  world.run(200);
  network.heal();
  world.run(300);
  expect(seen).toEqual(["TIMEOUT", "carried 1"]);
});

test("a server that dies in the middle of a call resets it; a dead caller hears nothing", () => {
  const { world, network, a, b } = net();
  const seen: string[] = [];
  network.serve(b, add, () => undefined);
  network.call(a, "b", add, 1, (outcome) => seen.push(text(outcome)));
  world.run(10);
  b.crash();
  world.run(20);
  network.call(a, "b", add, 2, () => seen.push("to the dead"));
  a.crash();
  world.run(100_000);
  expect(seen).toEqual(["CONNECTION_RESET"]);
});

/** A stream from a to b whose ends write down what they see. */
function stream(seed = 1) {
  const rig = net(seed);
  const seen: string[] = [];
  let server: SimulatedStream<string> | undefined;
  rig.network.listen(rig.b, events, (hello, accepted, from) => {
    server = accepted;
    seen.push(`b accepts ${from} ${hello}`);
    accepted.send("welcome");
    return {
      message: (message) => seen.push(`b gets ${message}`),
      closed: () => seen.push("b closed"),
    };
  });
  const client = rig.network.connect(rig.a, "b", events, "hello", {
    message: (message) => seen.push(`a gets ${message}`),
    closed: () => seen.push("a closed"),
  });
  return { ...rig, seen, client, server: () => server! };
}

test("a stream keeps the order of messages both ways, from the first on", () => {
  const { world, seen, client, server } = stream();
  for (let message = 0; message < 20; message += 1) client.send(message);
  world.run(10);
  server().send("bye");
  server().close();
  world.run(20);
  const expected = Array.from({ length: 20 }, (_, message) => `b gets ${message}`);
  expect(seen.filter((line) => line.startsWith("b gets"))).toEqual(expected);
  expect(seen.filter((line) => line.startsWith("a"))).toEqual([
    "a gets welcome",
    "a gets bye",
    "a closed",
  ]);
  expect([client.isOpen, server().isOpen, seen.includes("b closed")]).toEqual([
    false,
    false,
    false,
  ]);
});

test("a stream to a dead or deaf node is refused; a crash of either side ends it", () => {
  const { world, network, a, b, seen, client } = stream();
  world.run(10);
  b.crash();
  world.run(20);
  expect([seen.at(-1), client.isOpen]).toEqual(["a closed", false]);
  const refused: string[] = [];
  const dial = () =>
    network.connect(a, "b", events, "again", {
      message: () => undefined,
      closed: () => refused.push("refused"),
    });
  dial();
  world.run(30);
  b.restart();
  dial();
  world.run(40);
  expect(refused).toEqual(["refused", "refused"]);
});

test("a stream over a cut link holds its messages, and breaks at both ends when the cut lasts", () => {
  const short = stream(1);
  short.world.run(10);
  short.network.partition([["a"], ["b"]]);
  short.client.send(1);
  short.world.run(1000);
  expect(short.seen).not.toContain("b gets 1");
  short.network.heal();
  short.world.run(100_000);
  expect([short.seen.at(-1), short.client.isOpen]).toEqual(["b gets 1", true]);

  const long = stream(2);
  long.world.run(10);
  long.network.partition([["a"], ["b"]]);
  long.client.send(1);
  long.world.run(60_000);
  expect(long.seen.slice(2).toSorted()).toEqual(["a closed", "b closed"]);
});

test("a paused node gets everything when it goes on", () => {
  const { world, b, seen, client } = stream();
  world.run(10);
  b.pause();
  client.send(1);
  client.send(2);
  world.run(100);
  expect(seen).not.toContain("b gets 1");
  b.resume();
  expect(seen.slice(-2)).toEqual(["b gets 1", "b gets 2"]);
});

test("a plan of faults repeats with its seed, is over in time, and leaves a whole world behind", () => {
  const plan = (seed: number) =>
    planFaults(createSeededRandom(seed), {
      nodes: ["a", "b"],
      fromMs: 100,
      untilMs: 100_000,
      count: 40,
    });
  expect(plan(5)).toEqual(plan(5));
  expect(new Set(plan(5).map(({ type }) => type)).size).toBe(5);
  for (let seed = 0; seed < 20; seed += 1) {
    const { world, network, a, b } = net(seed);
    const restarts: string[] = [];
    carryOutFaults(plan(seed), {
      world,
      network,
      peers: ["a", "b"],
      restarted: (node) => restarts.push(node),
    });
    world.run(100_001);
    expect([a.state, b.state]).toEqual(["up", "up"]);
    network.serve(b, add, (_request, reply) => reply("fine"));
    const seen: string[] = [];
    network.call(a, "b", add, 1, (outcome) => seen.push(text(outcome)));
    world.run(100_010);
    expect(seen).toEqual(["fine"]);
    expect(restarts.length).toBe(a.life + b.life);
  }
});

test("a whole run repeats exactly with its seed", () => {
  const run = (seed: number): string => {
    const { world, seen, client, network } = stream(seed);
    network.setDefaults({ loss: 0.01, delayMsMax: 20 });
    for (let message = 0; message < 50; message += 1)
      world.after(message * 7, () => client.send(message));
    world.run(10_000);
    return `${seen.join(" ")} ${world.eventCount}`;
  };
  expect(run(3)).toBe(run(3));
  expect(run(3)).not.toBe(run(4));
});

test("a half-open stream ends for one side at once, for the other after a while", () => {
  for (const [heardBy, first, last] of [
    ["dialer", "a closed", "b closed"],
    ["acceptor", "b closed", "a closed"],
  ] as const) {
    const { world, network, seen, client } = stream();
    world.run(10);
    network.halfOpen("a", heardBy);
    client.send(7);
    world.run(20);
    expect(seen.at(-1)).toBe(first);
    expect(seen).not.toContain("b gets 7");
    world.run(60_000);
    expect(seen.at(-1)).toBe(last);
    expect(network.counts.halfOpen).toBe(1);
  }
});

test("who dials twice is accepted twice; the stream to nobody ends by itself", () => {
  const { world, network, a, seen } = stream();
  world.run(10);
  seen.length = 0;
  network.dialTwice("a");
  network.connect(a, "b", events, "again", {
    message: (message) => seen.push(`a gets ${message}`),
    closed: () => seen.push("a closed"),
  });
  world.run(20);
  expect(seen.toSorted()).toEqual(["a gets welcome", "b accepts a again", "b accepts a again"]);
  world.run(60_000);
  expect(seen.at(-1)).toBe("b closed");
  expect(network.counts.doubleDials).toBe(1);
});
