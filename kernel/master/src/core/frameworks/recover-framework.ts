import { parseRoleName } from "@tutti/ids";
import type { FrameworkId } from "@tutti/ids";
import type { FrameworkInfo } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import type { Framework } from "../entities.ts";
import { frameworkNews } from "../read/framework-view.ts";
import { tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { capabilitiesOf, failoverTimeoutMsOf, rolesOf } from "./framework-info.ts";

const weekSeconds = 7 * 24 * 3600;

/**
 * Takes a framework on the books that only an agent has told of. It has its failover timeout to
 * subscribe, and never less than agents have to come back. Rule MST36.
 */
export function recoverFramework(turn: Turn, id: FrameworkId, told: FrameworkInfo): Framework {
  const { state, config, env } = turn;
  const info = withId(told, id);
  const roles = rolesOf(info);
  const framework: Framework = {
    id,
    info,
    status: "recovered",
    roles,
    suppressedRoles: new Set(),
    capabilities: capabilitiesOf(info),
    principalName: info.principal ?? "",
    registeredMs: 0,
    used: Resources.empty,
    offered: Resources.empty,
  };
  state.putFramework(framework);
  turn.allocator.addFramework(
    { id, roles, suppressedRoles: [], capabilities: framework.capabilities },
    new Map(),
  );
  turn.allocator.setFrameworkActive(id, false);
  const waitMs = Math.max(failoverTimeoutMsOf(info), config.agentReregisterTimeoutMs);
  state.deadlines.failovers.set(id, env.monoMs + waitMs);
  tellOperators(turn, () => ({
    type: "FRAMEWORK_ADDED",
    framework_added: { framework: frameworkNews(framework) },
  }));
  return framework;
}

/** What stands for a framework of which an agent holds tasks but no description: it gets a week to appear. */
export function frameworkOfUnknown(id: FrameworkId): FrameworkInfo {
  return {
    user: "",
    name: id,
    failover_timeout: weekSeconds,
    roles: ["*"],
    capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
  };
}

/** An agent's word is not checked like a framework's: roles that are none are left out. */
function withId(told: FrameworkInfo, id: FrameworkId): FrameworkInfo {
  const roles = told.roles?.filter((role) => parseRoleName(role).ok);
  return { ...told, id: { value: id }, ...(roles === undefined ? {} : { roles }) };
}
