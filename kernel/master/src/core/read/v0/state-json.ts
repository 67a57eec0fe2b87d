import type { MasterConfig } from "../../config.ts";
import type { Agent } from "../../entities.ts";
import { versionInfo } from "../../release.ts";
import type { MasterView } from "../../view.ts";
import { flagsOf } from "../flags.ts";
import { isActive } from "../agent-view.ts";
import { masterCapabilities, pidOf } from "../master-info.ts";
import { agentJson, recoveredAgentJson } from "./agent-json.ts";
import { completedFrameworkJson, frameworkJson } from "./framework-json.ts";
import type { Json } from "./resource-model.ts";

const agentTexts = new WeakMap<Agent, string>();

/** An agent's text. Agents are values: as long as one is the same, so is its text. */
export function agentText(agent: Agent): string {
  const known = agentTexts.get(agent);
  if (known !== undefined) return known;
  const text = JSON.stringify(agentJson(agent));
  agentTexts.set(agent, text);
  return text;
}

/** `/state`. Rule MST80. */
export function stateText(config: MasterConfig, view: MasterView): string {
  const head = JSON.stringify(headOf(config, view)).slice(0, -1);
  const slaves = [...view.agents.values()].map(agentText).join(",");
  const rest = JSON.stringify({
    recovered_slaves: [...view.recoveredAgents.values()].map(recoveredAgentJson),
    frameworks: [...view.frameworks.values()].map((framework) => frameworkJson(view, framework)),
    completed_frameworks: [...view.completedFrameworks.values()].map(completedFrameworkJson),
    orphan_tasks: [],
    unregistered_frameworks: [],
  }).slice(1);
  return `${head},"slaves":[${slaves}],${rest}`;
}

function headOf(config: MasterConfig, view: MasterView): Json {
  const { version, git_sha, git_branch, build_date, build_time, build_user } = versionInfo;
  const active = [...view.agents.values()].filter(isActive).length;
  const pid = pidOf(config);
  return {
    version,
    git_sha,
    git_branch,
    build_date,
    build_time,
    build_user,
    start_time: config.startedMs / 1000,
    elected_time: config.electedMs / 1000,
    id: config.masterId,
    pid,
    hostname: config.hostname,
    capabilities: masterCapabilities,
    activated_slaves: active,
    deactivated_slaves: view.agents.size - active,
    unreachable_slaves: view.unreachableAgents.size,
    leader: pid,
    leader_info: { id: config.masterId, pid, port: config.port, hostname: config.hostname },
    cluster: config.clusterName,
    flags: flagsOf(config),
  };
}
