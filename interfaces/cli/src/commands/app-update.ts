import { ok } from "@tutti/base";
import { appDefaults } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import { applyChanges, parseAssignments } from "../assignments.ts";
import { changeApp, forceQuery } from "../change-app.ts";
import type { CommandHandler } from "../command.ts";
import { type Definition, readDefinition } from "../definition.ts";
import { type Outcome, refused } from "../refusal.ts";
import type { Session } from "../session.ts";
import { orUnknownApp } from "../unknown-app.ts";

/** `tutti app update ID FILE|-|FIELD=VALUE…`: changes an app, rolling. */
export const appUpdate: CommandHandler = async (session, [idText = "", ...changes], options) => {
  const id = parseAppArgument(idText);
  if (!id.ok) return id;
  if (changes.length === 0) return nothingToChange(id.value);
  const path = appPath(id.value);
  const fields = await orUnknownApp(session, id.value, await readFields(session, path, changes));
  if (!fields.ok) return fields;
  const request = { method: "PATCH", path: path + forceQuery(options), json: fields.value };
  return changeApp(session, { id: id.value, request }, options);
};

function nothingToChange(id: string): ReturnType<typeof refused> {
  return refused("USAGE", `What is to change of ${id} is missing.`, {
    hint: `Give changes, such as ./tutti app update ${id} cpus=0.2, or a file, or - for standard input.`,
  });
}

/** What may stand before a `=`: a word among these was meant as a change, not as a file. */
const fieldNames = new Set<string>([
  ...Object.keys(appDefaults),
  "args",
  "cmd",
  "constraints",
  "env",
  "healthChecks",
  "labels",
  "role",
  "user",
]);

function missingValue(name: string): ReturnType<typeof refused> {
  return refused("USAGE", `${name} has no value, and there is no file of that name.`, {
    hint: `Write ${name}=VALUE, such as cpus=0.2 or env.MODE=dark.`,
  });
}

async function readFields(
  session: Session,
  path: string,
  changes: readonly string[],
): Promise<Outcome<Definition>> {
  const [first = "-"] = changes;
  if (!changes.some((each) => each.includes("="))) {
    if (changes.length > 1) {
      return fieldNames.has(first)
        ? missingValue(first)
        : refused("USAGE", "Give one file, or changes such as cpus=0.2, not several files.");
    }
    const definition = await readDefinition(session.context, first);
    const isMissing = !definition.ok && definition.error.code === "FILE_UNREADABLE";
    return isMissing && fieldNames.has(first) ? missingValue(first) : definition;
  }
  const parsed = parseAssignments(changes);
  if (!parsed.ok) return parsed;
  if (Object.keys(parsed.value.entries).length === 0) return ok(parsed.value.fields);
  const shown = await session.marathon.call<{ readonly app: Definition }>({ path });
  return shown.ok ? ok(applyChanges(shown.value.app, parsed.value)) : shown;
}
