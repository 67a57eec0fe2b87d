import { factKey } from "@tutti/discovery-v1";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "@tutti/ports/node";
import { SimulatedWorld } from "@tutti/testkit";
import { L4lbMachine } from "../core/index.ts";
import { vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { TestMachine } from "../testing/namespaces.ts";
import { commandsIn } from "./commands.ts";
import { KernelRoutes } from "./kernel-routes.ts";
import { NftSession } from "./nft-session.ts";
import { TableComparison } from "./table-comparison.ts";
import type { ComparisonOptions } from "./table-comparison.ts";
import { TableText } from "./table-text.ts";
import { ToolShell } from "./tool-shell.ts";

const tables = { tableName: "tutti_k", families: [4, 6] as const };
let network: TestNetwork;
let here: TestMachine;
let reader: ToolShell;
let session: NftSession;

beforeEach(() => {
  network = new TestNetwork("k");
  here = network.machine();
  reader = new ToolShell(here.prefix);
  session = new NftSession(here.prefix);
});

afterEach(() => {
  reader.close();
  session.close();
  network.close();
});

it("[LB15] closed in the midst of a look, it is over when that is, and tells nothing", async () => {
  const happened: string[] = [];
  let closed: Promise<unknown> | undefined;
  const comparison: TableComparison = new TableComparison({
    ...{ ...parts(), machine: emptyMachine(), clock: systemClock, compareMs: 0 },
    // Asked before and after each read.
    isBusy: () => {
      happened.push("asked");
      closed ??= Promise.resolve()
        .then(() => comparison.close())
        .then(() => happened.push("closed"));
      return false;
    },
    disturbed: (reason) => happened.push(reason),
  });
  comparison.roundDone();
  await expect.poll(() => happened, { timeout: 10_000 }).toContain("closed");
  expect(happened).toEqual(["asked", "asked", "closed"]);
});

it("[LB35] looks and compares often while there is a VIP, and seldom while there is none", async () => {
  const world = new SimulatedWorld({ seed: 35 });
  const { clock, random } = world.addNode("here");
  const machine = emptyMachine();
  /** How often it was asked whether it is busy in each look: of what is compared too, more than twice. */
  const asked = new Map<number, number>();
  const comparison = new TableComparison({
    ...{ ...parts(), machine, clock, compareMs: 15_000 },
    isBusy: () => {
      const atMs = Math.round(world.nowMs());
      asked.set(atMs, (asked.get(atMs) ?? 0) + 1);
      return true;
    },
    disturbed: () => undefined,
  });
  let number = 0;
  const carryOut = (
    put: readonly ReturnType<typeof vipFact>[],
    remove: readonly string[],
  ): void => {
    number += 1;
    const env = { monoMs: clock.monoMs(), wallMs: clock.wallMs(), random };
    machine.step({ type: "tableChanged", number, change: { put, remove } }, env);
    machine.step({ type: "roundDone" }, env);
    comparison.roundDone();
  };
  const run = async (untilMs: number): Promise<void> => {
    while (world.nowMs() < untilMs) {
      world.run(Math.min(untilMs, world.nowMs() + 100));
      // The look that has begun goes to its end, and plans the next.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const vip = vipFact("11.0.0.1", 80, [["10.9.0.1", 1]]);
  carryOut([], []);
  await run(61_500);
  carryOut([vip], []);
  await run(80_000);
  carryOut([], [factKey(vip)]);
  await run(100_000);
  await comparison.close();
  const looks = [...asked.keys()];
  expect(looks.slice(0, 14)).toEqual([
    ...Array.from({ length: 12 }, (_unused, at) => (at + 1) * 5000),
    ...[62_500, 63_500],
  ]);
  expect(looks.filter((atMs) => atMs > 79_000)).toEqual([79_500, 80_500, 85_500, 90_500, 95_500]);
  const compared = looks.filter((atMs) => (asked.get(atMs) ?? 0) > 2);
  expect(compared).toEqual([60_000, 76_500, 95_500]);
});

function parts(): Pick<
  ComparisonOptions,
  "reader" | "session" | "tables" | "text" | "kernelRoutes"
> {
  const routes = { reader, sources: { 4: here.address }, ranges: [], deviceV6: tables.tableName };
  const kernelRoutes = new KernelRoutes(commandsIn(here.prefix), routes);
  return { reader, session, tables, text: new TableText(reader, tables), kernelRoutes };
}

function emptyMachine(): L4lbMachine {
  return new L4lbMachine({ families: tables.families, ranges: [], onLink: [], taken: [] });
}
