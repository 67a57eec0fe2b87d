import { appPath, parseAppArgument } from "../app-path.ts";
import { changeApp, forceQuery } from "../change-app.ts";
import type { CommandHandler } from "../command.ts";

/** `tutti app restart ID`: replaces every instance by a new one, rolling. */
export const appRestart: CommandHandler = async (session, [idText = ""], options) => {
  const id = parseAppArgument(idText);
  if (!id.ok) return id;
  const path = `${appPath(id.value)}/restart${forceQuery(options)}`;
  return changeApp(session, { id: id.value, request: { method: "POST", path } }, options);
};
