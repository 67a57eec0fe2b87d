import { slotCountOf } from "@tutti/l4lb/core";
import { vipFact } from "@tutti/l4lb/testing";
import type { Figure } from "./measure.ts";
import { backendsOf, type VipWorld } from "./vip-world.ts";

/** Backends of a VIP, and the rounds of all its slots that connections make: the shares are exact after each. */
const cases = [
  { count: 1, rounds: 1000 },
  { count: 3, rounds: 100 },
  { count: 50, rounds: 40 },
  { count: 1000, rounds: 1 },
] as const;
const atOnce = 32;
const skewMax = 0.05;

/** How evenly real connections are shared by the backends of a VIP. It is counted, not timed: once. */
export async function vipShares(world: VipWorld): Promise<readonly Figure[]> {
  const { client, l4lb } = world;
  const figures: Figure[] = [];
  for (const { count, rounds } of cases) {
    const address = `11.201.0.${figures.length + 1}`;
    await l4lb.apply({ remove: [], put: [vipFact(address, 80, backendsOf(world, 0, count))] });
    const wanted = rounds * slotCountOf(count);
    const order = { address, port: 80, count: wanted, atOnce };
    const { counts } = await client.ask({ do: "connect", ...order });
    const shared = Object.entries(counts).filter(([heard]) => heard.startsWith("2"));
    const numbers = shared.map(([, number]) => number);
    const total = numbers.reduce((sum, number) => sum + number, 0);
    const skew = (Math.max(...numbers) - Math.min(...numbers)) / (total / count);
    const isWhole = numbers.length === count && total === wanted;
    figures.push({
      name: `shares of ${count} backend${count === 1 ? "" : "s"}, largest less smallest over the mean`,
      target: `≤ ${skewMax * 100} %, no failed connection`,
      measured: `${(skew * 100).toFixed(1)} % of ${total.toLocaleString("en")} connections, ${wanted - total} failed`,
      reached: skew <= skewMax && isWhole,
    });
  }
  return figures;
}
