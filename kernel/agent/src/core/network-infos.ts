import type { ContainerStatus } from "@tutti/mesos-v1";
import type { AgentConfig } from "./config.ts";

/** Networks of a container on the machine's network: the machine's addresses, IPv4 first. Rule AGT42. */
export function networkInfosOf({
  ip,
  ip6,
}: Pick<AgentConfig, "ip" | "ip6">): NonNullable<ContainerStatus["network_infos"]> {
  const v4 = { protocol: "IPv4", ip_address: ip } as const;
  if (ip6 === undefined) return [{ ip_addresses: [v4] }];
  return [{ ip_addresses: [v4, { protocol: "IPv6", ip_address: ip6 }] }];
}
