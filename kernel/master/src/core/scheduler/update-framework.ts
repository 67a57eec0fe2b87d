import type { FrameworkInfo, SchedulerCallUpdateFramework } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { capabilitiesOf, rolesOf } from "../frameworks/framework-info.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import { frameworkNews } from "../read/framework-view.ts";
import { replyRefused, tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";
import { faultOfFrameworkInfo } from "../validation/framework-info.ts";
import { describeToAllocator, suppressedRolesOf, tellAgents } from "./subscribe.ts";

/** UPDATE_FRAMEWORK: answered 200 when done; what may not change is refused. Rule MST37. */
export function updateFramework(
  turn: Turn,
  requestId: string,
  framework: Framework,
  call: SchedulerCallUpdateFramework,
): void {
  const info = call.framework_info;
  const fault =
    faultOfFrameworkInfo(info, call.suppressed_roles ?? []) ?? faultOfChange(framework.info, info);
  if (fault !== undefined) {
    const message = `FrameworkInfo update is not valid: ${fault}`;
    replyRefused(turn, requestId, { code: "UPDATE_INVALID", message });
    return;
  }
  const { offerConstraints: _constraints, ...rest } = framework;
  const next: Framework = {
    ...rest,
    info,
    roles: rolesOf(info),
    capabilities: capabilitiesOf(info),
    suppressedRoles: suppressedRolesOf(info, call),
    ...(call.offer_constraints === undefined ? {} : { offerConstraints: call.offer_constraints }),
  };
  turn.state.putFramework(next);
  turn.allocator.updateFramework(describeToAllocator(next));
  rescindForeign(turn, next);
  if (JSON.stringify(next.info) !== JSON.stringify(framework.info)) tellAgents(turn, next);
  tellOperators(turn, () => ({
    type: "FRAMEWORK_UPDATED",
    framework_updated: { framework: frameworkNews(next) },
  }));
  turn.effects.push({ type: "replyOk", requestId });
  requestAllocation(turn);
}

/** Offers for roles it has given up go back. */
function rescindForeign(turn: Turn, framework: Framework): void {
  for (const offer of turn.state.offersOfFramework(framework.id)) {
    if (!framework.roles.includes(offer.role)) rescindOffer(turn, offer);
  }
}

/** What a framework may never change of itself; undefined when it changes no such thing. */
function faultOfChange(old: FrameworkInfo, next: FrameworkInfo): string | undefined {
  if (old.user !== next.user) return unsupported("user", old.user, next.user);
  const checkpoint = [old.checkpoint ?? false, next.checkpoint ?? false] as const;
  if (checkpoint[0] !== checkpoint[1]) return unsupported("checkpoint", ...checkpoint);
  return old.principal === next.principal
    ? undefined
    : unsupported("principal", old.principal ?? "", next.principal ?? "");
}

function unsupported(field: string, from: string | boolean, to: string | boolean): string {
  return `Updating 'FrameworkInfo.${field}' is unsupported; attempted to update from '${from}' to '${to}'`;
}
