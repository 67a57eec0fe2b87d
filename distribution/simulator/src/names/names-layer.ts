import { present } from "@tutti/base";
import type { Process, Site } from "../site.ts";
import { addressOf, namesNodeOf } from "./addresses.ts";
import { DiscoveryProcess } from "./discovery-process.ts";
import { MachineNames } from "./machine-names.ts";

/** Names and virtual IPs of a simulated cluster: `discovery`, and a process `NODE-names` on every machine. */
export class NamesLayer {
  readonly discovery: DiscoveryProcess;
  /** By the node whose machine they are on: `agent1` … and `master1` …. */
  readonly machines: ReadonlyMap<string, MachineNames>;
  readonly processes = new Map<string, Process>();

  constructor(site: Site, machineNames: readonly string[]) {
    this.machines = new Map(
      machineNames.map((name) => {
        const node = site.world.addNode(namesNodeOf(name));
        const machine = new MachineNames(site, node, addressOf(name));
        this.processes.set(node.name, machine);
        return [name, machine] as const;
      }),
    );
    const own = present(this.machines.get("master1"), "the machine of discovery");
    this.discovery = new DiscoveryProcess(site, site.world.addNode("discovery"), () => own.kept);
    this.processes.set("discovery", this.discovery);
  }
}
