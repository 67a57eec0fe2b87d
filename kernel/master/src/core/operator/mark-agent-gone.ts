import { parseAgentId } from "@tutti/ids";
import type { MasterCallMarkAgentGone } from "@tutti/mesos-v1";
import { recordOfAgent } from "../agents/agent-records.ts";
import { markGone } from "../agents/mark-gone.ts";
import { authorise } from "../authorise.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";

/** An operator's word that an agent never comes back; again is no fault. Rule MST119. */
export function markAgentGone(
  turn: Turn,
  principal: Principal,
  call: MasterCallMarkAgentGone,
): MasterRefusal | undefined {
  const { value } = call.agent_id;
  const allowed = authorise(principal, "markAgentGone", value);
  if (!allowed.ok) return allowed.error;
  const id = parseAgentId(value);
  if (id.ok && turn.state.goneAgents.has(id.value)) return undefined;
  const record = id.ok ? recordOfAgent(turn, id.value) : undefined;
  if (!id.ok || record === undefined) return { code: "AGENT_UNKNOWN", message: "Unknown agent" };
  const { hostname } = record.info;
  const tasks = turn.state.tasksOfAgent(id.value).length;
  const entry = { agentId: id.value, hostname, tasks, principal: principal.name };
  log(turn, { what: "agentMarkedGone", ...entry });
  markGone(turn, id.value, record);
  return undefined;
}
