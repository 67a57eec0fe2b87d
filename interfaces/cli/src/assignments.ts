import { ok } from "@tutti/base";
import type { Definition } from "./definition.ts";
import { type Outcome, refused } from "./refusal.ts";

/** Fields whose value is text, also when it looks like a number. */
const textFields = new Set(["cmd", "user", "role", "executor", "killSelection"]);

/** Maps in which one entry may be set: `env.NAME=value`. */
const mapFields = ["env", "labels"] as const;

/** What `key=value` arguments change. */
export interface Changes {
  /** Fields to send as they are. */
  readonly fields: Definition;
  /** Entries of maps that are to be set or, with undefined, taken out of the present map. */
  readonly entries: Readonly<
    Partial<Record<(typeof mapFields)[number], Readonly<Record<string, string | undefined>>>>
  >;
}

/**
 * Reads `cpus=0.2`, `cmd=sleep 5`, `constraints=[["hostname","UNIQUE"]]`, `env.NAME=value`, `env.NAME=` (takes
 * the entry out). A value that is JSON is sent as such, text fields and the rest as text.
 */
export function parseAssignments(texts: readonly string[]): Outcome<Changes> {
  const fields: Record<string, unknown> = {};
  const entries: Partial<Record<"env" | "labels", Record<string, string | undefined>>> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    const key = text.slice(0, Math.max(0, at));
    const value = text.slice(at + 1);
    if (!/^[A-Za-z][\w.\-/]*$/.test(key)) {
      return refused("USAGE", `${text} is no change of an app.`, {
        hint: "Write changes as FIELD=VALUE, such as cpus=0.2 or env.MODE=dark.",
      });
    }
    const [name, ...rest] = key.split(".");
    const map = mapFields.find((each) => each === name);
    if (rest.length === 0) {
      fields[key] = textFields.has(key) ? value : parseValue(value);
    } else if (map !== undefined) {
      (entries[map] ??= {})[rest.join(".")] = value === "" ? undefined : value;
    } else {
      return refused("USAGE", `${key} cannot be set by itself.`, {
        hint: `Only entries of ${mapFields.join(" and ")} can; give ${name ?? key} as a whole, in JSON.`,
      });
    }
  }
  return ok({ fields, entries });
}

/** The fields to send, given the app as it is. */
export function applyChanges(app: Definition, changes: Changes): Definition {
  const merged: Record<string, unknown> = { ...changes.fields };
  for (const map of mapFields) {
    const entries = changes.entries[map];
    if (entries === undefined) continue;
    const present = merged[map] ?? app[map];
    const next = new Map(Object.entries(typeof present === "object" ? (present ?? {}) : {}));
    for (const [key, value] of Object.entries(entries)) {
      if (value === undefined) next.delete(key);
      else next.set(key, value);
    }
    merged[map] = Object.fromEntries(next);
  }
  return merged;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
