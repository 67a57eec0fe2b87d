import { expect, test } from "vitest";
import { restarted } from "./testing/discovery-rig.ts";
import type { DiscoveryRig } from "./testing/discovery-rig.ts";
import { cluster } from "./testing/model-cluster.ts";
import { addressOfAgent } from "./testing/model-master.ts";

/** A task on the network of agent S1, whose status tells these addresses. */
function told(addresses: readonly string[]): DiscoveryRig {
  const { rig } = cluster(0);
  const ip_addresses = addresses.map((ip_address) => ({ ip_address }));
  const labels = [{ key: "VIP_0", value: "[fd01:c::77]:81,1.2.3.4:80,/web:80" }];
  rig.master({
    type: "TASK_ADDED",
    task_added: {
      task: {
        name: "web",
        task_id: { value: "t" },
        framework_id: { value: "F0" },
        agent_id: { value: "S1" },
        state: "TASK_RUNNING",
        statuses: [{ container_status: { network_infos: [{ ip_addresses }] } }],
        discovery: { ports: { ports: [{ number: 31_001, labels: { labels } }] } },
      },
    },
  });
  return rig;
}

/** Addresses of VIPs with their backends. */
function vipsOf(rig: DiscoveryRig): readonly string[] {
  return rig.facts
    .flatMap((fact) =>
      fact.kind === "vip"
        ? [`${fact.names[0] ?? fact.address} ${fact.backends.map((to) => to.address).join()}`]
        : [],
    )
    .toSorted();
}

const v4 = addressOfAgent("S1");

test("[DSC52] a VIP at an IPv6 address leads to its machine's, names to the IPv4 one alone; also after a new beginning", () => {
  const rig = told([v4, "fd74::11"]);
  const vips = [`1.2.3.4 ${v4}`, "fd01:c::77 fd74::11", `web.marathon ${v4}`];
  expect(vipsOf(rig)).toEqual(vips);
  expect(rig.facts).toContainEqual(
    expect.objectContaining({ kind: "task", containerAddresses: [] }),
  );
  expect(rig.discovery.problems({})).toEqual([]);
  expect(rig.backends("fd01:c::77")).toEqual(["fd74::11:31001"]);
  const again = restarted(rig);
  expect(vipsOf(again)).toEqual(vips);
  again.advance(60_000);
  expect(vipsOf(again)).toEqual(vips);
});

test("[DSC52] [DSC49] a machine that tells no IPv6 address has no backend there, and it is told", () => {
  const rig = told([v4]);
  expect(vipsOf(rig)).toEqual([`1.2.3.4 ${v4}`, "fd01:c::77 ", `web.marathon ${v4}`]);
  expect(rig.discovery.problems({}).map(({ code }) => code)).toEqual(["VIP_NO_BACKEND_ADDRESS"]);
});
