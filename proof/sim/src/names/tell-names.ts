import type { Cluster } from "@tutti/simulator";
import { vipKeyOf } from "./vip-of.ts";

const zone = "l4lb.thisdcos.directory";

/** What the names of VIPs lead to, machine by machine; machines that say the same are told together. */
export function tellNames(cluster: Cluster): string {
  const machines = new Map<string, string[]>();
  for (const [name, machine] of cluster.names?.machines ?? []) {
    const lines = machine.vipNames().map(([vip, addresses]) => {
      const [address = ""] = addresses;
      const backends = machine.kernel.backendsOf(vipKeyOf(address));
      const places = backends.map((place) => place.replace(" . ", ":")).join(" ");
      return `  ${vip}.${zone} is ${address}, which leads to ${places === "" ? "nobody" : places}`;
    });
    const text = lines.length === 0 ? "  no names" : lines.join("\n");
    machines.set(text, [...(machines.get(text) ?? []), name]);
  }
  return [...machines].map(([text, names]) => `${names.join(", ")}:\n${text}`).join("\n");
}
