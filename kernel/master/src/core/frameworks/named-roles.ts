import type { RoleName } from "@tutti/ids";
import type { Framework } from "../entities.ts";

/**
 * The roles a call names, or all of the framework's when it names none. Undefined when one of them is
 * not the framework's: then the whole call is ignored, as in Mesos. Rule MST45.
 */
export function namedRoles(
  framework: Framework,
  names: readonly string[] | undefined,
): readonly RoleName[] | undefined {
  if (names === undefined || names.length === 0) return framework.roles;
  const roles = framework.roles.filter((role) => names.includes(role));
  return names.every((name) => roles.some((role) => role === name)) ? roles : undefined;
}
