import type { DiscoveryOptions, RunningDiscovery } from "./options.ts";

/**
 * Opens discovery; it leads as soon as nobody else does. It is loaded only where it is opened: most machines follow
 * and never lead. Throws a `Fault` when the database cannot be opened.
 */
export async function openDiscovery(options: DiscoveryOptions): Promise<RunningDiscovery> {
  const { startDiscovery } = await import("./start-discovery.ts");
  return startDiscovery(options);
}
