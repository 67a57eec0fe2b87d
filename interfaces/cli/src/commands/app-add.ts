import { changeApp } from "../change-app.ts";
import type { CommandHandler } from "../command.ts";
import { parseAppArgument } from "../app-path.ts";
import { readDefinition } from "../definition.ts";
import { refused } from "../refusal.ts";

/** `tutti app add FILE|-`: a new app from its definition. */
export const appAdd: CommandHandler = async (session, [path = "-"], options) => {
  const definition = await readDefinition(session.context, path);
  if (!definition.ok) return definition;
  const { id } = definition.value;
  if (typeof id !== "string") {
    return refused("INVALID_DEFINITION", `The definition in ${path} has no id.`, {
      hint: 'Add one, such as "id": "/web".',
    });
  }
  const appId = parseAppArgument(id);
  if (!appId.ok) return { ok: false, error: { ...appId.error, code: "INVALID_DEFINITION" } };
  const request = {
    method: "POST",
    path: `/v2/apps${options.force === true ? "?force=true" : ""}`,
    json: definition.value,
  };
  return changeApp(session, { id: appId.value, request }, options);
};
