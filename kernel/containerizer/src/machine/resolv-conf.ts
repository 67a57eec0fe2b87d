import { existsSync, realpathSync } from "node:fs";
import type { HostFacts } from "../core/oci-config.ts";

/**
 * How a container gets `source` as its /etc/resolv.conf; nothing while `source` is not there. What is covered
 * is the machine's file by its real path: it may be a link, and a runtime that finds none would make one on the
 * machine.
 */
export function resolvConfMount(source: string | undefined): Pick<HostFacts, "resolvConf"> {
  if (source === undefined || !existsSync(source)) return {};
  try {
    return { resolvConf: { source, destination: realpathSync("/etc/resolv.conf") } };
  } catch {
    // The machine has none, or a link to none: there is nothing to be covered.
    return {};
  }
}
