import { ok } from "@tutti/base";
import { type AppId, parseAppId } from "@tutti/ids";
import { type Outcome, refused } from "./refusal.ts";

/** The app that a user means by `web` or `/web`. */
export function parseAppArgument(text: string): Outcome<AppId> {
  const parsed = parseAppId(text);
  if (parsed.ok) return ok(parsed.value);
  return refused("USAGE", `"${text}" is no id of an app: ${idProblem(text)}.`, {
    hint: "An id looks like /web or /shop/web: lower-case letters, digits, dots and dashes.",
  });
}

/** What is wrong with an id, in words; what Marathon says of it is a pattern. */
function idProblem(text: string): string {
  if (text.replaceAll("/", "") === "") return "it has no name in it";
  if (/[A-Z]/.test(text)) return "it has upper-case letters";
  const [strange] = /[^a-z0-9./-]/u.exec(text) ?? [];
  if (strange !== undefined) return `"${strange}" cannot be in it`;
  if (/(?:^|[/.-])[.-]|[.-](?:$|[/.])/.test(text)) {
    return "each part of it must begin and end with a letter or a digit";
  }
  return "it is too long, or one of its parts is";
}

/** The app's path below `/v2/apps`. */
export function appPath(id: AppId): string {
  return `/v2/apps${id.split("/").map(encodeURIComponent).join("/")}`;
}
