import { afterAll, beforeAll, expect, it } from "vitest";
import { Dataplane, formatTransaction } from "../core/index.ts";
import { vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { TestMachine } from "../testing/namespaces.ts";
import { vipOf } from "../core/vip.ts";
import type { Vip } from "../core/index.ts";
import { TableText } from "./table-text.ts";
import { ToolShell } from "./tool-shell.ts";

let network: TestNetwork;
let machine: TestMachine;
let reader: ToolShell;

beforeAll(() => {
  network = new TestNetwork("x");
  machine = network.machine();
  reader = new ToolShell(machine.prefix);
});

afterAll(() => {
  reader.close();
  network.close();
});

function vip(index: number, backendCount: number): Vip {
  const backends = Array.from({ length: backendCount }, (_u, i) => ["10.0.0.1", i + 1] as const);
  const read = vipOf(vipFact(`11.0.0.${index}`, 80, backends));
  if (read === undefined) throw new Error("it is to be read");
  return read;
}

it("[LB31] classes that come are as they were foretold in nft's own words, and seen when somebody changes them", async () => {
  const dataplane = new Dataplane(() => "range", { 4: ["11.0.0.0/8"], 6: ["fd01:c::/64"] });
  const text = new TableText(reader, { tableName: "t", families: [4] });
  const isAsMade = async (): Promise<boolean> => text.isAsMade(await text.read(), dataplane);
  const tell = (transactions: Parameters<typeof formatTransaction>[1]): void =>
    void machine.run(["nft", "-f", "-"], formatTransaction("t", transactions));

  tell(dataplane.replace([vip(1, 1)], [4]));
  expect(await isAsMade()).toBe(true);
  // None was read that has more than one slot.
  expect(text.foretell(4, 16)).toBe(false);
  tell(dataplane.change([vip(2, 2)], []));
  expect(await isAsMade()).toBe(true);

  for (const backendCount of [3, 12, 100]) {
    const [change] = dataplane.change([vip(backendCount, backendCount)], []);
    if (change === undefined) throw new Error("a class comes");
    tell([change]);
    expect(change.classes.map((slotCount) => text.foretell(4, slotCount))).toEqual([true]);
    expect(await isAsMade()).toBe(true);
  }
  const [last] = dataplane.change([vip(5, 5)], []);
  if (last === undefined) throw new Error("a class comes");
  tell([last]);
  expect(text.foretell(4, 40)).toBe(true);
  machine.run(["nft", "flush chain ip t class_40; add rule ip t class_40 counter drop"]);
  expect(await isAsMade()).toBe(false);
});
