import { openL4lb, type L4lb } from "@tutti/l4lb";
import { TestNetwork } from "@tutti/l4lb/testing";
import type { BenchReport } from "./measure.ts";
import { vipChanges, vipChangesMethod } from "./vip-changes.ts";
import { vipCost, vipCostMethod } from "./vip-cost.ts";
import { vipShares } from "./vip-shares.ts";
import { backendCount, backendPort, type VipWorld } from "./vip-world.ts";

/**
 * Virtual IPs of a real kernel, between two network namespaces: how long a change takes among 30,000 of them, how
 * connections are shared, and what a VIP costs.
 */
export async function benchVip(): Promise<BenchReport> {
  const network = new TestNetwork("b");
  try {
    const [here, there] = [network.machine(), network.machine()];
    const [client, server] = [here.peer(), there.peer()];
    const ports = Array.from({ length: backendCount }, (_unused, index) => backendPort + index);
    await server.ask({ do: "listen", address: there.address, ports });
    const open = (): Promise<L4lb> =>
      openL4lb({
        machineAddress: here.address,
        commandPrefix: here.prefix,
        report: (line) => console.error(line),
      });
    const world: VipWorld = {
      ...{ here, there, client, l4lb: await open() },
      begin: async () => {
        await world.l4lb.close();
        here.run(["nft", "flush", "ruleset"]);
        world.l4lb = await open();
      },
    };
    const { figures: changed, growths } = await vipChanges(world);
    const figures = [...changed, ...(await vipCost(world)), ...(await vipShares(world))];
    await world.l4lb.close();
    return {
      title: "Virtual IPs",
      method: `${vipChangesMethod} ${vipCostMethod} Shares are counted with real connections.`,
      figures,
      growths,
    };
  } finally {
    network.close();
  }
}
