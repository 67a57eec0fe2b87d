import { expect, test } from "vitest";
import type { VipFact } from "@tutti/discovery-v1";
import { TableOrder } from "./table-order.ts";

const vip: VipFact = {
  kind: "vip",
  address: "11.0.0.1",
  port: 80,
  protocol: "tcp",
  names: ["web.marathon"],
  backends: [],
};

test("[DSC40] a change that comes while names are told waits for its turn", () => {
  const log: string[] = [];
  const dones: (() => void)[] = [];
  const order = new TableOrder({
    names: [{ apply: ({ put }) => void log.push(`names ${put.length}`) }],
    dataplane: ({ put }, done) => {
      log.push(`dataplane ${put.length}`);
      dones.push(done);
    },
    onApplied: ({ sequence }) => {
      log.push(`applied ${sequence}`);
      if (sequence > 1) return;
      order.take({ remove: [], put: [vip] }, { epoch: 1, sequence: 2 }, false);
      order.take({ remove: [], put: [vip] }, { epoch: 1, sequence: 3 }, false);
    },
  });
  order.take({ remove: [], put: [vip] }, { epoch: 1, sequence: 1 }, false);
  dones.shift()?.();
  expect(dones).toHaveLength(1);
  dones.shift()?.();
  expect(dones).toHaveLength(0);
  expect(log).toEqual([
    "names 0",
    "dataplane 1",
    "names 1",
    "applied 1",
    "dataplane 1",
    "names 1",
    "applied 3",
  ]);
});
