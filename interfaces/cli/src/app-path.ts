import { ok } from "@tutti/base";
import { type AppId, parseAppId } from "@tutti/ids";
import { type Outcome, refused } from "./refusal.ts";

/** The app that a user means by `web` or `/web`. */
export function parseAppArgument(text: string): Outcome<AppId> {
  const parsed = parseAppId(text);
  if (parsed.ok) return ok(parsed.value);
  return refused("USAGE", `${text} is no id of an app: ${parsed.error.message}.`, {
    hint: "An id looks like /web or /shop/web: lower-case letters, digits, dots and dashes.",
  });
}

/** The app's path below `/v2/apps`. */
export function appPath(id: AppId): string {
  return `/v2/apps${id.split("/").map(encodeURIComponent).join("/")}`;
}
