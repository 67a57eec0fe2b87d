import type { IncomingHttpHeaders } from "node:http";

/** Headers by lower-case name, repeated ones joined by ", ". */
export function singleHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) single[name] = typeof value === "string" ? value : value.join(", ");
  }
  return single;
}
