import { expect, test } from "vitest";
import { factKey } from "@tutti/discovery-v1";
import type { VipFact } from "@tutti/discovery-v1";
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
  expect(book.takeChanges(0)).toEqual([[factKey(fact), fact]]);
});
