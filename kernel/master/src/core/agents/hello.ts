import { utf8Encode } from "@tutti/base";
import { known, parseAgentId } from "@tutti/ids";
import type { AgentId } from "@tutti/ids";
import { messages, toJson } from "@tutti/mesos-v1";
import type { AgentInfo } from "@tutti/mesos-v1";
import { nodeVersions } from "@tutti/node-v1";
import type { AgentHello } from "@tutti/node-v1";
import { Resources } from "@tutti/resources";
import { authorise } from "../authorise.ts";
import type { AgentRecord, MasterEvent } from "../events.ts";
import { limits } from "../limits.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import { goneFault } from "./mark-gone.ts";
import { registerAgent } from "./register.ts";
import { openSession } from "./session.ts";

type HelloEvent = Extract<MasterEvent, { readonly type: "agentHello" }>;

/**
 * Admits an agent, or says why not. Its record is durable before it hears its id. Rules MST10 to MST14.
 */
export function welcomeAgent(turn: Turn, event: HelloEvent): void {
  const { hello, connectionId } = event;
  if (hello.epochSeen > turn.config.epoch) {
    turn.effects.push({ type: "doubtLeadership", epochSeen: hello.epochSeen });
    log(turn, {
      what: "laterLeaderSeen",
      epochSeen: hello.epochSeen,
      epoch: turn.config.epoch,
    });
    refuseAgent(turn, event, {
      code: "LEADER_STALE",
      reason: `this master leads in epoch ${turn.config.epoch}, the agent has obeyed ${hello.epochSeen}`,
    });
    return;
  }
  const fault = faultOfHello(turn, event);
  if (fault !== undefined) {
    refuseAgent(turn, event, fault);
    return;
  }
  const total = Resources.of(hello.agent.resources ?? []);
  const id = agentIdFor(turn, hello);
  const record = recordOf(turn, id, hello);
  const session = openSession(turn, id, connectionId);
  registerAgent(turn, { id, record, total, session, hello });
}

interface HelloFault {
  readonly code: string;
  readonly reason: string;
  /** Present: never try again with this id. */
  readonly final?: true;
}

function faultOfHello(turn: Turn, event: HelloEvent): HelloFault | undefined {
  const { hello } = event;
  const name = hello.agent.id?.value ?? hello.agent.hostname;
  const allowed = authorise(event.principal, "joinAgent", name);
  if (!allowed.ok) return { code: allowed.error.code, reason: allowed.error.message };
  if (hello.versionMin > nodeVersions.max || hello.versionMax < nodeVersions.min) {
    return {
      code: "VERSION_MISMATCH",
      reason:
        `the agent speaks node-v1 versions ${hello.versionMin} to ${hello.versionMax}, ` +
        `this master ${nodeVersions.min} to ${nodeVersions.max}; upgrade the older of them`,
    };
  }
  if (hello.agent.id !== undefined) {
    const id = parseAgentId(hello.agent.id.value);
    if (!id.ok) return { code: "AGENT_ID_INVALID", reason: id.error.message };
    if (!/^[\w.-]+$/.test(id.value)) {
      return { code: "AGENT_ID_INVALID", reason: `'${id.value}' was never given by a master` };
    }
    if (turn.state.goneAgents.has(id.value)) return goneFault;
  }
  if (hello.agent.hostname === "") return { code: "HOSTNAME_MISSING", reason: "hostname is empty" };
  if (utf8Encode(toJson(messages.AgentInfo, hello.agent)).length > limits.agentInfoBytesMax) {
    const reason = `its description has more than ${limits.agentInfoBytesMax} bytes; give it fewer attributes`;
    return { code: "AGENT_INFO_TOO_LARGE", reason };
  }
  const total = Resources.parse(hello.agent.resources ?? []);
  if (!total.ok) return { code: total.error.code, reason: total.error.message };
  return undefined;
}

function refuseAgent(turn: Turn, { connectionId, hello }: HelloEvent, fault: HelloFault): void {
  const { id, hostname } = hello.agent;
  log(turn, {
    what: "agentRefused",
    ...(id === undefined ? {} : { agentId: id.value }),
    hostname,
    code: fault.code,
    reason: fault.reason,
  });
  turn.effects.push(
    {
      type: "sendAgent",
      connectionId,
      envelope: {
        epoch: turn.config.epoch,
        seq: 1,
        message: { type: "refused", final: false, ...fault },
      },
    },
    { type: "closeAgent", connectionId },
  );
}

/**
 * The agent's id: the one it brings; else the one an agent of the same address was given and has not
 * confirmed by a single message, i.e. whose welcome was lost; else a new one. Rule MST11.
 */
function agentIdFor(turn: Turn, hello: AgentHello): AgentId {
  const { state, config } = turn;
  if (hello.agent.id !== undefined) return known(parseAgentId(hello.agent.id.value));
  const address = addressOf(hello.agent);
  const unconfirmed = state.unconfirmedAgents.get(address);
  if (unconfirmed !== undefined) return unconfirmed;
  const id = known(parseAgentId(`${config.masterId}-S${state.nextAgentNumber}`));
  state.nextAgentNumber += 1;
  state.unconfirmedAgents.set(address, id);
  return id;
}

/** Where an agent listens: what tells two agents without id apart. */
export function addressOf(info: AgentInfo): string {
  return `${info.hostname}:${info.port ?? 5051}`;
}

function recordOf(turn: Turn, id: AgentId, hello: AgentHello): AgentRecord {
  const { state } = turn;
  const before =
    state.agents.get(id)?.record ??
    state.recoveredAgents.get(id) ??
    state.unreachableAgents.get(id)?.record;
  return {
    schema: 1,
    info: { ...hello.agent, id: { value: id } },
    bootId: hello.bootId,
    release: hello.release,
    capabilities: hello.capabilities,
    registeredMs: before?.registeredMs ?? turn.env.wallMs,
    ...(before?.deactivated === undefined ? {} : { deactivated: before.deactivated }),
    ...(before?.drain === undefined ? {} : { drain: before.drain }),
  };
}
