import { known, parseRoleName } from "@tutti/ids";
import type { RoleName } from "@tutti/ids";
import type { FrameworkInfo } from "@tutti/mesos-v1";
import { limits } from "../limits.ts";

/** Capabilities by name; unknown ones were dropped by the codec. */
export function capabilitiesOf(info: FrameworkInfo): ReadonlySet<string> {
  return new Set(
    (info.capabilities ?? []).flatMap(({ type }) => (type === undefined ? [] : [type])),
  );
}

/** The roles of a valid FrameworkInfo: `roles` with MULTI_ROLE, else `role`. Rule MST31. */
export function rolesOf(info: FrameworkInfo): readonly RoleName[] {
  const names = capabilitiesOf(info).has("MULTI_ROLE") ? (info.roles ?? []) : [info.role ?? "*"];
  return names.map((name) => known(parseRoleName(name)));
}

/** The failover timeout; negative and impossible ones are none at all. Rule MST34. */
export function failoverTimeoutMsOf(info: FrameworkInfo): number {
  const seconds = info.failover_timeout ?? 0;
  if (Number.isNaN(seconds) || seconds <= 0) return 0;
  return Math.min(seconds * 1000, limits.failoverTimeoutMsMax);
}
