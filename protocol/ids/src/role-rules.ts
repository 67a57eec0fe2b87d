import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";

/** Whitespace, and the character that Mesos calls backspace. */
const forbidden: ReadonlySet<string> = new Set(["\t", "\n", "\v", "\f", "\r", " ", "\x7f"]);

/**
 * Checks the name of a role: `*`, or components joined by single slashes, none of them `.`, `..` or
 * `*`, none beginning with a dash, none with whitespace. The texts are those of Mesos. Rule IDS2.
 */
export function checkRoleName(text: string): Result<string, Refusal<"INVALID_ROLE">> {
  const fault = text === "*" ? undefined : faultOfRole(text);
  return fault === undefined ? ok(text) : refuse("INVALID_ROLE", fault);
}

function faultOfRole(text: string): string | undefined {
  if (text.length === 0) return "Empty role name is invalid";
  if (text.startsWith("/")) return `Role '${text}' cannot start with a slash`;
  if (text.endsWith("/")) return `Role '${text}' cannot end with a slash`;
  if (text.includes("//")) return `Role '${text}' cannot contain two adjacent slashes`;
  for (const component of text.split("/")) {
    if (component === "." || component === ".." || component === "*") {
      return `Role '${text}' cannot include '${component}' as a component`;
    }
    if (component.startsWith("-")) {
      return `Role component '${component}' is invalid because it starts with a dash`;
    }
    for (const character of component) {
      if (forbidden.has(character)) {
        return `Role component '${component}' is invalid because it contains backspace or whitespace`;
      }
    }
  }
  return undefined;
}
