import type { ClusterAgent, ClusterFramework } from "./types.ts";
import { canonicalAddress } from "@tutti/dns";

/** `AgentInfo` and the pid of a registered agent, `slave(1)@10.0.0.7:5051`; undefined without its id. */
export function clusterAgentOf(
  info: { readonly id: string; readonly hostname: string; readonly port: number },
  pid: string,
): ClusterAgent | undefined {
  const { id, hostname, port } = info;
  if (id === "") return undefined;
  const place = /@(.*):(\d+)$/.exec(pid);
  const host = (place?.[1] ?? hostname).replace(/^\[(.*)\]$/, "$1");
  return {
    id,
    hostname,
    address: canonicalAddress(host) ?? "",
    port: place?.[2] === undefined ? port : Number(place[2]),
  };
}

/** `FrameworkInfo`; undefined without its id. */
export function clusterFrameworkOf(
  info: {
    readonly id: string;
    readonly name: string;
    readonly hostname: string;
    readonly webuiUrl: string;
  },
  active: boolean,
): ClusterFramework | undefined {
  const { id, name, hostname, webuiUrl } = info;
  if (id === "") return undefined;
  const url = /^https?:\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/.exec(webuiUrl);
  const host = (url?.[1] ?? hostname).replace(/^\[(.*)\]$/, "$1");
  const address = canonicalAddress(host);
  return {
    id,
    name,
    active,
    address,
    port: url?.[2] === undefined ? undefined : Number(url[2]),
    ...(address === undefined && host !== "" ? { host } : {}),
  };
}
