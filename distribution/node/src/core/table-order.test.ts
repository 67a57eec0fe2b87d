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
  const dones: ((isHeld: boolean) => void)[] = [];
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
  dones.shift()?.(true);
  expect(dones).toHaveLength(1);
  dones.shift()?.(true);
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

/** An order whose dataplane waits to be told what the kernel says, and what it told others. */
function rig() {
  const log: string[] = [];
  const dones: ((isHeld: boolean) => void)[] = [];
  const order = new TableOrder({
    names: [
      {
        apply: ({ put }, { vipsFollow }) => {
          const addresses = put.map((fact) => (fact.kind === "vip" ? fact.address : fact.kind));
          log.push(`names ${addresses.join(" ")}${vipsFollow ? "…" : ""}`);
        },
      },
    ],
    dataplane: (_change, done) => void dones.push(done),
    onApplied: ({ sequence }, isAwaited) => log.push(`applied ${sequence}${isAwaited ? "!" : ""}`),
  });
  const take = (sequence: number, put: readonly VipFact[], remove: readonly string[] = []): void =>
    order.take({ remove, put }, { epoch: 1, sequence }, sequence === 1);
  return { log, dones, order, take };
}

const other: VipFact = { ...vip, address: "11.0.0.2" };

test("[DSC40] what the dataplane does not hold has no name and is not applied; both come when it does", () => {
  const { log, dones, order, take } = rig();
  take(1, [vip]);
  dones.shift()?.(false);
  take(2, [other]);
  dones.shift()?.(false);
  expect(log).toEqual(["names …"]);
  order.held();
  order.held();
  expect(log.slice(1)).toEqual(["names 11.0.0.1 11.0.0.2", "applied 2!"]);
});

test("[DSC40] a change that is held says that those before it are", () => {
  const { log, dones, order, take } = rig();
  take(1, [vip]);
  dones.shift()?.(false);
  take(2, [other]);
  dones.shift()?.(true);
  order.held();
  expect(log).toEqual(["names …", "names 11.0.0.1 11.0.0.2", "applied 2!"]);
});

test("[DSC41] a VIP that is removed before the dataplane holds it gets no name", () => {
  const { log, dones, order, take } = rig();
  take(1, [vip, other]);
  dones.shift()?.(false);
  take(2, [], ["vip/tcp/11.0.0.1/80"]);
  order.held();
  dones.shift()?.(true);
  expect(log).toEqual(["names …", "names …", "names 11.0.0.2", "applied 1!", "applied 2"]);
});
