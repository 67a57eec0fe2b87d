import type { Cluster } from "@tutti/simulator";
import { vipPort } from "./vip-of.ts";

const zone = "l4lb.thisdcos.directory";
const secondMs = 1_000;

/** What the names of VIPs lead to, machine by machine; machines that say the same are told together. */
export function tellNames(cluster: Cluster): string {
  return together(cluster, (machine) => {
    const lines = machine.vipNames().map(([vip, addresses]) => {
      const [address = ""] = addresses;
      return `  ${vip}.${zone} is ${address}, ${tellWays(machine, address)}`;
    });
    return lines.length === 0 ? "  no names" : lines.join("\n");
  });
}

/** What DNS answers to a question for the addresses of a name, machine by machine. */
export function tellAnswers(cluster: Cluster, name: string): string {
  return together(cluster, (machine) => {
    const addresses = machine.ask(name);
    return addresses === undefined
      ? `  ${name} does not exist`
      : `  ${name} is ${addresses.join(" ")}`;
  });
}

/** How old the table of each machine is, as its metrics say, in whole seconds. */
export function tellAges(cluster: Cluster): string {
  return together(cluster, (machine) => {
    const ageMs = machine.ageMs();
    return ageMs === undefined
      ? "  no table yet"
      : `  the table is ${Math.floor(ageMs / secondMs)} s old`;
  });
}

type Machine = NonNullable<ReturnType<NonNullable<Cluster["names"]>["machines"]["get"]>>;

function tellWays({ kernel }: Machine, address: string): string {
  const ways = [...kernel.vips()]
    .filter((key) => key.startsWith(`${address} . `))
    .map((key) => ({ port: Number(key.split(" . ")[2]), places: kernel.backendsOf(key) }))
    .toSorted((one, other) => one.port - other.port)
    .map(({ port, places }) => ({ port, text: places.join(" ").replaceAll(" . ", ":") }));
  if (ways.length === 0) return "which leads to nobody";
  const [only] = ways;
  if (ways.length === 1 && only?.port === vipPort) return `which leads to ${only.text}`;
  return `whose ${ways.map(({ port, text }) => `port ${port} leads to ${text}`).join(", ")}`;
}

function together(cluster: Cluster, tell: (machine: Machine) => string): string {
  const machines = new Map<string, string[]>();
  for (const [name, machine] of cluster.names?.machines ?? []) {
    const text = machine.version() === undefined ? "  its process is down" : tell(machine);
    machines.set(text, [...(machines.get(text) ?? []), name]);
  }
  return [...machines].map(([text, names]) => `${names.join(", ")}:\n${text}`).join("\n");
}
