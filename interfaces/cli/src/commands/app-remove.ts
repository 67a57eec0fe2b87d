import { appPath, parseAppArgument } from "../app-path.ts";
import { changeApp, forceQuery } from "../change-app.ts";
import type { CommandHandler } from "../command.ts";

/** `tutti app remove ID`: ends every instance and forgets the app. */
export const appRemove: CommandHandler = async (session, [idText = ""], options) => {
  const id = parseAppArgument(idText);
  if (!id.ok) return id;
  const request = { method: "DELETE", path: appPath(id.value) + forceQuery(options) };
  return changeApp(session, { id: id.value, request, removes: true }, options);
};
