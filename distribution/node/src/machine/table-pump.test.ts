import { expect, test } from "vitest";
import type { AgentFact, Held, TableChange, VipFact } from "@tutti/discovery-v1";
import { TablePump } from "./table-pump.ts";

function vip(address: string, names: readonly string[] = []): VipFact {
  return { kind: "vip", address, port: 80, protocol: "tcp", names, backends: [] };
}

const agent: AgentFact = { kind: "agent", id: "a", hostname: "h", address: "10.0.0.1", port: 5051 };

/** Rooms that write down what they are told; the dataplane is done when `settle` is called. */
function rig() {
  const log: string[] = [];
  const dones: ((held: Held) => void)[] = [];
  const show = ({ remove, put }: TableChange): string =>
    [...remove.map((key) => `-${key}`), ...put.map((fact) => `+${fact.kind}`)].join(" ");
  const pump = new TablePump({
    names: [
      {
        apply: (change, { vipsFollow }) =>
          void log.push(`names ${show(change)}${vipsFollow ? " …" : ""}`),
      },
    ],
    dataplane: {
      apply: (change) => {
        log.push(`dataplane ${show(change)}`);
        return new Promise<Held>((resolve) => dones.push(resolve));
      },
    },
    onApplied: ({ sequence }, isAwaited) => log.push(`applied ${sequence}${isAwaited ? "!" : ""}`),
    onError: (error) => log.push(String(error)),
  });
  const settle = async (held: Held = { held: true }): Promise<void> => {
    dones.shift()?.(held);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pump, log, settle };
}

test("[DSC40] up: the dataplane first, then the name; other facts at once", async () => {
  const { pump, log, settle } = rig();
  pump.take({ remove: [], put: [vip("11.0.0.1"), agent] }, { epoch: 1, sequence: 1 }, false);
  expect(log).toEqual(["names +agent …", "dataplane +vip +agent"]);
  await settle();
  expect(log.slice(2)).toEqual(["names +vip", "applied 1"]);
});

test("[DSC40] a change that the kernel refuses has no name and is not applied until it takes it", async () => {
  const { pump, log, settle } = rig();
  const later = Promise.withResolvers<void>();
  pump.take({ remove: [], put: [vip("11.0.0.1")] }, { epoch: 1, sequence: 1 }, true);
  await settle({ held: false, later: later.promise });
  expect(log).toEqual(["names  …", "dataplane +vip"]);
  later.resolve();
  await settle();
  expect(log.slice(2)).toEqual(["names +vip", "applied 1!"]);
});

test("[DSC40] down: the name first, then the dataplane", async () => {
  const { pump, log, settle } = rig();
  pump.take({ remove: ["vip/tcp/11.0.0.1/80"], put: [] }, { epoch: 1, sequence: 2 }, true);
  expect(log).toEqual(["names -vip/tcp/11.0.0.1/80", "dataplane -vip/tcp/11.0.0.1/80"]);
  await settle();
  expect(log.slice(2)).toEqual(["applied 2!"]);
});

test("[DSC41] what comes while the dataplane works is put together, and only the newest counts", async () => {
  const { pump, log, settle } = rig();
  pump.take({ remove: [], put: [vip("11.0.0.1")] }, { epoch: 1, sequence: 1 }, false);
  pump.take({ remove: [], put: [vip("11.0.0.2")] }, { epoch: 1, sequence: 2 }, true);
  pump.take({ remove: [], put: [vip("11.0.0.2", ["x"])] }, { epoch: 1, sequence: 3 }, false);
  expect(log).toEqual(["names  …", "dataplane +vip"]);
  await settle();
  await settle();
  expect(log.slice(2)).toEqual([
    "names +vip",
    "applied 1",
    "dataplane +vip",
    "names +vip",
    "applied 3!",
  ]);
});

test("[DSC41] a VIP that is removed while the dataplane learns of it gets no name", async () => {
  const { pump, log, settle } = rig();
  pump.take({ remove: [], put: [vip("11.0.0.1")] }, { epoch: 1, sequence: 1 }, false);
  pump.take({ remove: ["vip/tcp/11.0.0.1/80"], put: [] }, { epoch: 1, sequence: 2 }, false);
  await settle();
  await settle();
  expect(log).toEqual([
    "names  …",
    "dataplane +vip",
    "names -vip/tcp/11.0.0.1/80 …",
    "names ",
    "applied 1",
    "dataplane -vip/tcp/11.0.0.1/80",
    "applied 2",
  ]);
});

test("[FWD44] the first table is told to names even when it is empty, and once", async () => {
  const { pump, log, settle } = rig();
  pump.take({ remove: [], put: [] }, { epoch: 1, sequence: 1 }, false);
  await settle();
  pump.take({ remove: [], put: [] }, { epoch: 1, sequence: 2 }, false);
  await settle();
  expect(log).toEqual(["names ", "dataplane ", "applied 1", "dataplane ", "applied 2"]);
});

test("[DSC40] where nothing leads packets, no VIP has a name, and everything else has", async () => {
  const log: string[] = [];
  const pump = new TablePump({
    names: [{ apply: ({ put }) => void log.push(...put.map(({ kind }) => kind)) }],
    dataplane: undefined,
    onApplied: ({ sequence }) => log.push(`applied ${sequence}`),
    onError: (error) => log.push(String(error)),
  });
  pump.take({ remove: [], put: [vip("11.0.0.1"), agent] }, { epoch: 1, sequence: 1 }, false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(["agent", "applied 1"]);
});
