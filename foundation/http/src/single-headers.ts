import type { IncomingHttpHeaders } from "node:http";

/** Headers by lower-case name, repeated ones joined by ", ". */
export function singleHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  // Node joins all but this one; then they are as they are wanted.
  if (headers["set-cookie"] === undefined) return headers as Readonly<Record<string, string>>;
  return { ...(headers as Record<string, string>), "set-cookie": headers["set-cookie"].join(", ") };
}
