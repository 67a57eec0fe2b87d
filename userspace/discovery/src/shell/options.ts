import type { Route } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import type { KeptTable } from "./table-file.ts";

/** What discovery on one master is told. */
export interface DiscoveryOptions {
  /** Where this process's HTTP server answers: others are sent here. */
  readonly address: string;
  readonly port: number;
  /** URLs of all masters: `http://10.0.0.2:5050`. Their order is `master0.mesos`, … */
  readonly masters: readonly string[];
  readonly secret: string | undefined;
  /** Addresses of DNS servers that machines ask: an IP VIP there is refused. Default: none. */
  readonly nameServers?: readonly string[];
  readonly stateDir: string;
  /** The table that this machine's follower keeps: what a young master has not seen yet is still true. */
  readonly keptTable: () => Promise<KeptTable | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: (line: string) => void;
  /** It cannot go on: the process has to end. */
  readonly onFatal: (error: Error) => void;
}

/** Discovery on one master: leads, or waits to lead and sends followers to the leader. */
export interface RunningDiscovery {
  readonly routes: readonly Route[];
  readonly isLeading: boolean;
  /** Prometheus text. */
  metrics(): string;
  close(): Promise<void>;
}
