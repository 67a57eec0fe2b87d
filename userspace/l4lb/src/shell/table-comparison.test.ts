import { afterEach, beforeEach, expect, it } from "vitest";
import { L4lbMachine } from "../core/index.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { TestMachine } from "../testing/namespaces.ts";
import { commandsIn } from "./commands.ts";
import { KernelRoutes } from "./kernel-routes.ts";
import { NftSession } from "./nft-session.ts";
import { TableComparison } from "./table-comparison.ts";
import { TableText } from "./table-text.ts";
import { ToolShell } from "./tool-shell.ts";

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
  const tables = { tableName: "tutti_k", families: [4, 6] as const };
  const happened: string[] = [];
  let closed: Promise<unknown> | undefined;
  const routes = { reader, sources: { 4: here.address }, ranges: [], deviceV6: tables.tableName };
  const comparison: TableComparison = new TableComparison({
    ...{ reader, tables, session, compareMs: 0 },
    text: new TableText(reader, tables),
    machine: new L4lbMachine({ families: tables.families, ranges: [], onLink: [], taken: [] }),
    kernelRoutes: new KernelRoutes(commandsIn(here.prefix), routes),
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
  comparison.start();
  await expect.poll(() => happened, { timeout: 10_000 }).toContain("closed");
  expect(happened).toEqual(["asked", "asked", "closed"]);
});
