import { assert } from "@tutti/base";
import type { AgentOptions } from "../options.ts";

/** The process of names on the machine of a node. */
export function namesNodeOf(name: string): string {
  return `${name}-names`;
}

/** `agent1` is 10.0.2.1, `master1` is 10.0.1.1. */
export function addressOf(name: string): string {
  const number = /^(agent|master)(\d+)$/u.exec(name);
  assert(number !== null, `${name} has an address`);
  return `10.0.${number[1] === "agent" ? 2 : 1}.${number[2] ?? ""}`;
}

/** The node of the agent that calls itself so. */
export function nodeOfHost(agents: readonly AgentOptions[], hostname: string): string {
  const at = agents.findIndex((agent) => agent.hostname === hostname);
  return at < 0 ? hostname : `agent${at + 1}`;
}
