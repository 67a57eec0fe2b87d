import { expect, test } from "vitest";
import type { VipFact } from "@tutti/discovery-v1";
import { Table } from "./table.ts";
import { VipBook } from "./vip-book.ts";

test("[DSC15] a restored VIP that has no backend is in the first table", () => {
  const book = new VipBook();
  const fact: VipFact = {
    kind: "vip",
    address: "11.0.0.1",
    port: 80,
    protocol: "tcp",
    names: ["web.marathon.l4lb.thisdcos.directory"],
    backends: [],
  };
  book.restore(fact, 0);
  const table = new Table();
  book.stageChanges(table, 0);
  expect(table.commit()).toEqual({ remove: [], put: [fact] });
});
