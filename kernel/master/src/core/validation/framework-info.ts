import { parseFrameworkId, parseRoleName } from "@tutti/ids";
import type { FrameworkInfo, ValueScalar } from "@tutti/mesos-v1";
import { capabilitiesOf } from "../frameworks/framework-info.ts";

/** What is wrong with a FrameworkInfo, in Mesos's words; undefined when nothing is. Rule MST31. */
export function faultOfFrameworkInfo(
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
): string | undefined {
  return (
    faultOfRoles(info) ??
    faultOfId(info) ??
    faultOfOfferFilters(info) ??
    faultOfFailoverTimeout(info) ??
    faultOfSuppressed(info, suppressedRoles)
  );
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

function faultOfOfferFilters({ offer_filters: filters = {} }: FrameworkInfo): string | undefined {
  for (const { min_allocatable_resources: least } of Object.values(filters)) {
    for (const { quantities = {} } of least?.quantities ?? []) {
      const fault = faultOfQuantities(quantities);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function faultOfQuantities(quantities: Readonly<Record<string, ValueScalar>>): string | undefined {
  const entries = Object.entries(quantities);
  if (entries.length === 0) return "Resource quantities must contain at least one quantity";
  for (const [name, { value }] of entries) {
    const fault = faultOfScalar(value);
    if (fault !== undefined) return `Invalid resource quantity for '${name}': ${fault}`;
  }
  return undefined;
}

function faultOfScalar(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN not supported";
  if (!Number.isFinite(value)) return "Infinite values not supported";
  return value < 0 ? "Negative values not supported" : undefined;
}

/** Times are held in 64 bits of nanoseconds, as Mesos holds them. */
const secondsMax = Number(2n ** 63n) / 1e9;

function faultOfFailoverTimeout({
  failover_timeout: seconds = 0,
}: FrameworkInfo): string | undefined {
  if (!(Math.abs(seconds) > secondsMax)) return undefined;
  return `The framework failover_timeout (${inShort(seconds)}) is invalid`;
}

/** A number with six digits, as C++ prints it: `1e+300`. */
function inShort(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const [digits = "", exponent = ""] = value.toExponential(5).split("e");
  const power = exponent.slice(1).padStart(2, "0");
  return `${digits.replace(/\.?0+$/, "")}e${exponent.slice(0, 1)}${power}`;
}
