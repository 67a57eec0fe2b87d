import { present } from "@tutti/base";
import { known, parseFrameworkId } from "@tutti/ids";
import type { FrameworkId, RoleName, StreamId } from "@tutti/ids";
import type { FrameworkInfo, SchedulerCallSubscribe } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import type { Framework } from "../entities.ts";
import { capabilitiesOf, failoverTimeoutMsOf, rolesOf } from "../frameworks/framework-info.ts";
import { bindStream, forgetStream, newStreamId } from "../frameworks/streams.ts";
import { limits } from "../limits.ts";
import type { FrameworkReturn } from "../log-entry.ts";
import { withdrawOffer } from "../offers/remove-offer.ts";
import { frameworkNews } from "../read/framework-view.ts";
import { masterInfoOf } from "../read/master-info.ts";
import { sendErrorAndClose, sendToAgent, sendToFramework, tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";
import { faultOfFrameworkInfo } from "../validation/framework-info.ts";
import type { SchedulerCallEvent } from "./call-event.ts";

/**
 * SUBSCRIBE: a new framework, or one that comes back. A FrameworkInfo that is refused is answered with
 * 200, an ERROR event and the end of the stream. Rules MST31, MST32.
 */
export function subscribe(turn: Turn, event: SchedulerCallEvent): void {
  const { state } = turn;
  const call = present(event.call.subscribe, "the subscription of a valid call");
  const info = call.framework_info;
  const streamId = newStreamId(turn);
  turn.effects.push({ type: "openSchedulerStream", requestId: event.requestId, streamId });
  const id = info.id === undefined || info.id.value === "" ? undefined : info.id.value;
  state.metrics.count(
    id === undefined ? "messages_register_framework" : "messages_reregister_framework",
  );
  const fault = faultOfFrameworkInfo(info, call.suppressed_roles ?? []) ?? faultOfPast(turn, id);
  if (fault !== undefined) {
    log(turn, { what: "subscriptionRefused", name: info.name, reason: fault });
    sendErrorAndClose(turn, streamId, fault);
    return;
  }
  const frameworkId = id === undefined ? newFrameworkId(turn) : known(parseFrameworkId(id));
  const before = state.frameworks.get(frameworkId);
  if (before !== undefined) endOldSubscription(turn, before);
  const framework = frameworkOf(turn, event, { id: frameworkId, streamId });
  logSubscription(turn, event, framework, before);
  admit(turn, framework, before);
}

function logSubscription(
  turn: Turn,
  { remoteAddress }: SchedulerCallEvent,
  framework: Framework,
  before: Framework | undefined,
): void {
  log(turn, {
    what: "frameworkSubscribed",
    frameworkId: framework.id,
    name: framework.info.name,
    how: howReturned(before),
    address: remoteAddress,
    roles: framework.roles,
    failoverTimeoutMs: failoverTimeoutMsOf(framework.info),
  });
}

function howReturned(before: Framework | undefined): FrameworkReturn {
  if (before === undefined) return "new";
  return before.status === "active" ? "failedOver" : before.status;
}

function faultOfPast(turn: Turn, id: string | undefined): string | undefined {
  const parsed = id === undefined ? undefined : parseFrameworkId(id);
  if (parsed?.ok !== true) return undefined;
  return turn.state.completedFrameworks.has(parsed.value)
    ? "Framework has been removed"
    : undefined;
}

function newFrameworkId(turn: Turn): FrameworkId {
  const number = turn.state.nextFrameworkNumber;
  turn.state.nextFrameworkNumber += 1;
  const id = `${turn.config.masterId}-${String(number).padStart(4, "0")}`;
  return known(parseFrameworkId(id));
}

/** The one before is told and cut off; what it was offered goes back. */
function endOldSubscription(turn: Turn, before: Framework): void {
  if (before.streamId !== undefined) {
    forgetStream(turn, before.streamId);
    sendErrorAndClose(turn, before.streamId, "Framework failed over");
  }
  for (const offer of turn.state.offersOfFramework(before.id)) withdrawOffer(turn, offer);
}

function frameworkOf(
  turn: Turn,
  event: SchedulerCallEvent,
  { id, streamId }: { readonly id: FrameworkId; readonly streamId: StreamId },
): Framework {
  const call = present(event.call.subscribe, "the subscription of a valid call");
  const before = turn.state.frameworks.get(id);
  const info = withPreserved(before, { ...call.framework_info, id: { value: id } });
  const isFirst = before === undefined || before.status === "recovered";
  return {
    id,
    info,
    status: "active",
    roles: rolesOf(info),
    suppressedRoles: suppressedRolesOf(info, call),
    capabilities: capabilitiesOf(info),
    ...(call.offer_constraints === undefined ? {} : { offerConstraints: call.offer_constraints }),
    streamId,
    pid: `scheduler-${streamId}@${event.remoteAddress}`,
    principalName: event.principal.name,
    registeredMs: isFirst ? turn.env.wallMs : before.registeredMs,
    ...(before === undefined ? {} : { reregisteredMs: turn.env.wallMs }),
    used: before?.used ?? Resources.empty,
    offered: before?.offered ?? Resources.empty,
  };
}

/** What a framework may not change by coming back stays as it was: its tasks run under it. */
function withPreserved(before: Framework | undefined, info: FrameworkInfo): FrameworkInfo {
  if (before === undefined || before.info.user === "") return info;
  const { checkpoint: _checkpoint, ...rest } = info;
  const { user, checkpoint } = before.info;
  return { ...rest, user, ...(checkpoint === undefined ? {} : { checkpoint }) };
}

/** The suppressed roles of a valid call. */
export function suppressedRolesOf(
  info: FrameworkInfo,
  call: Pick<SchedulerCallSubscribe, "suppressed_roles">,
): ReadonlySet<RoleName> {
  const suppressed = new Set(call.suppressed_roles ?? []);
  return new Set(rolesOf(info).filter((role) => suppressed.has(role)));
}

function admit(turn: Turn, framework: Framework, before: Framework | undefined): void {
  const { state, allocator } = turn;
  const streamId = present(framework.streamId, "the stream of an active framework");
  state.putFramework(framework);
  state.metrics.countOf(framework.id, "calls");
  state.metrics.countOf(framework.id, "calls/subscribe");
  state.deadlines.failovers.delete(framework.id);
  sendToFramework(turn, framework, {
    type: "SUBSCRIBED",
    subscribed: {
      framework_id: { value: framework.id },
      heartbeat_interval_seconds: limits.heartbeatIntervalMs / 1000,
      master_info: masterInfoOf(turn.config),
    },
  });
  bindStream(turn, framework, streamId);
  const described = describeToAllocator(framework);
  if (before === undefined) allocator.addFramework(described, new Map());
  else {
    allocator.updateFramework(described);
    allocator.setFrameworkActive(framework.id, true);
    allocator.reviveOffers(
      framework.id,
      framework.roles.filter((role) => !framework.suppressedRoles.has(role)),
    );
    tellAgents(turn, framework);
  }
  tellOperators(turn, () => {
    const news = { framework: frameworkNews(framework) };
    return before === undefined
      ? { type: "FRAMEWORK_ADDED", framework_added: news }
      : { type: "FRAMEWORK_UPDATED", framework_updated: news };
  });
  requestAllocation(turn);
}

/** What the allocator must know of a framework. */
export function describeToAllocator(framework: Framework): {
  readonly id: FrameworkId;
  readonly roles: readonly RoleName[];
  readonly suppressedRoles: readonly RoleName[];
  readonly capabilities: ReadonlySet<string>;
} {
  return {
    id: framework.id,
    roles: framework.roles,
    suppressedRoles: [...framework.suppressedRoles],
    capabilities: framework.capabilities,
  };
}

/**
 * Agents that run its tasks learn how the framework describes itself now, and that it hears them: what
 * it has not acknowledged they send again. Rule MST38.
 */
export function tellAgents(turn: Turn, framework: Framework): void {
  const told = new Set<string>();
  for (const task of turn.state.tasksOf(framework.id).active.values()) {
    if (told.has(task.agentId)) continue;
    told.add(task.agentId);
    const session = turn.state.sessions.get(task.agentId);
    if (session === undefined) continue;
    sendToAgent(turn, session, { type: "updateFramework", framework: framework.info });
  }
}
