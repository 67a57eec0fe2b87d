import { commandsIn } from "./commands.ts";
import { routeProtocol } from "./kernel-routes.ts";

/** Which load balancer is asked for; the defaults are those of `openL4lb`. */
export interface StandingOptions {
  readonly tableName?: string;
  readonly commandPrefix?: readonly string[];
}

/**
 * Whether what an earlier process told the kernel of virtual IPs still leads packets: its table with chains, and its
 * routes. Both are gone after a new boot. Where the kernel cannot be asked they lead none.
 */
export async function l4lbStands(options: StandingOptions = {}): Promise<boolean> {
  const { tableName = "tutti_vip", commandPrefix = [] } = options;
  const commands = commandsIn(commandPrefix);
  try {
    await commands.run(["nft", "list", "chain", "ip", tableName, "dispatch"]);
    const routes = await commands.run(["ip", "-4", "route", "show", "proto", routeProtocol]);
    return routes.trim() !== "";
  } catch {
    return false;
  }
}
