import type { SeededRandom, SimulatedNetwork, SimulatedWorld } from "@tutti/testkit";
import type { ClusterOptions } from "./options.ts";
import type { Observation } from "./observation.ts";
import type { Sabotage } from "./sabotage.ts";
import type { WireCodec } from "./wire-codec.ts";

/** What all processes of one simulated cluster share. */
export interface Site {
  readonly world: SimulatedWorld;
  readonly network: SimulatedNetwork;
  readonly options: ClusterOptions;
  readonly codec: WireCodec;
  readonly sabotage: Sabotage;
  /** Chance of the machines: how long things take, how programs fail. */
  readonly random: SeededRandom;
  /** The session of each node's present life, where it has one. */
  readonly sessions: Map<string, Losable>;
  readonly masterUrls: readonly string[];
  observe(observation: Observation): void;
  /** A process cannot go on: faults end it, and its supervisor starts it again; a bug ends the simulation. */
  fatal(node: string, error: Error): void;
}

/** A session that coordination can forget. */
export interface Losable {
  lose(): void;
}

/** A program on a node: begins anew in each life of the node. */
export interface Process {
  start(): void;
}

const scheme = "http://";

/** `http://master1:5050` is on the node `master1`. */
export function nodeOfUrl(url: string): string {
  if (!url.startsWith(scheme)) return url;
  const end = url.indexOf(":", scheme.length);
  return end === -1 ? url.slice(scheme.length) : url.slice(scheme.length, end);
}

/** The URL of a master's node. */
export function masterUrlOf(node: string): string {
  return `http://${node}:5050`;
}
