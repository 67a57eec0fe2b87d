import { appPath, parseAppArgument } from "../app-path.ts";
import { changeApp, forceQuery } from "../change-app.ts";
import type { CommandHandler } from "../command.ts";
import { refused } from "../refusal.ts";

/** `tutti app scale ID N`: how many instances run. */
export const appScale: CommandHandler = async (session, [idText = "", countText = ""], options) => {
  const id = parseAppArgument(idText);
  if (!id.ok) return id;
  if (!/^\d{1,9}$/.test(countText)) {
    return refused("USAGE", `${countText} is no number of instances.`, {
      hint: "Give a whole number from 0, such as ./tutti app scale /web 3.",
    });
  }
  const request = {
    method: "PATCH",
    path: appPath(id.value) + forceQuery(options),
    json: { instances: Number(countText) },
  };
  return changeApp(session, { id: id.value, request }, options);
};
