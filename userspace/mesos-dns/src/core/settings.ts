/** Where the address of a task is taken from. `netinfo` and `mesos` both mean its container's. */
export type IpSource = "netinfo" | "mesos" | "host";

/** What the zone says of itself and how it makes names and addresses. */
export interface ZoneSettings {
  /** In lower case, without the last dot. */
  readonly domain: string;
  readonly ttlSeconds: number;
  readonly ipSources: readonly IpSource[];
  readonly enforceRfc952: boolean;
  /** For `ns1.<domain>`. */
  readonly nameServerAddresses: readonly string[];
}
