import { parseFrameworkId, parseRoleName } from "@tutti/ids";
import type { FrameworkInfo } from "@tutti/mesos-v1";
import { capabilitiesOf } from "../frameworks/framework-info.ts";

/** What is wrong with a FrameworkInfo, in Mesos's words; undefined when nothing is. Rule MST31. */
export function faultOfFrameworkInfo(
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
): string | undefined {
  return faultOfRoles(info) ?? faultOfId(info) ?? faultOfSuppressed(info, suppressedRoles);
}

function faultOfRoles(info: FrameworkInfo): string | undefined {
  const roles = info.roles ?? [];
  if (!capabilitiesOf(info).has("MULTI_ROLE")) {
    if (roles.length > 0) {
      return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
    }
    const role = parseRoleName(info.role ?? "*");
    return role.ok ? undefined : `'FrameworkInfo.role' is not a valid role: ${role.error.message}`;
  }
  if (info.role !== undefined) {
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
  }
  const repeated = roles.filter((role, at) => roles.indexOf(role) < at);
  if (repeated.length > 0) {
    return `'FrameworkInfo.roles' contains duplicate items: { ${[...new Set(repeated)].join(", ")} }`;
  }
  for (const role of roles) {
    const parsed = parseRoleName(role);
    if (!parsed.ok) return `'FrameworkInfo.roles' contains invalid role: ${parsed.error.message}`;
  }
  return undefined;
}

function faultOfId(info: FrameworkInfo): string | undefined {
  if (info.id === undefined || info.id.value === "") return undefined;
  const id = parseFrameworkId(info.id.value);
  return id.ok ? undefined : id.error.message;
}

function faultOfSuppressed(
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
): string | undefined {
  const roles = capabilitiesOf(info).has("MULTI_ROLE") ? (info.roles ?? []) : [info.role ?? "*"];
  const foreign = suppressedRoles.filter((role) => !roles.includes(role));
  return foreign.length === 0
    ? undefined
    : `Suppressed roles { ${foreign.join(", ")} } are not contained in the set of roles`;
}
