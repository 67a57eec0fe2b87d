import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { hasBearer, parseContentType } from "@tutti/http";
import type { HttpRequest } from "@tutti/http";
import { parseAppId } from "@tutti/ids";
import type { MarathonRefusal, MarathonRefusalCode } from "@tutti/marathon-v2";
import type { Principal } from "../core/index.ts";
import type { RequestSource } from "./service.ts";

/** Who may do what is decided from this: the secret, or that there is none. */
export interface Access {
  readonly secret: string;
  readonly open: boolean;
}

/** Who sends a request, and from where. */
export function sourceOf(access: Access, request: HttpRequest): RequestSource {
  return {
    principal: principalOf(access, request.headers),
    clientIp: request.remoteAddress,
    uri: request.path,
  };
}

/** Who sends these headers. */
export function principalOf(access: Access, headers: Readonly<Record<string, string>>): Principal {
  if (hasBearer(headers, access.secret)) return { type: "secretBearer" };
  return { type: access.open ? "openCluster" : "anonymous" };
}

/** Whether a query parameter is `true`; absent is false. */
export function flagOf(request: HttpRequest, name: string, otherwise = false): boolean {
  const value = request.query.get(name);
  return value === null ? otherwise : value === "true";
}

/** The app that a path names, absolute, or why it cannot. */
export function appIdOf(text: string): Result<string, MarathonRefusal> {
  const id = parseAppId(`/${text.replace(/^\/+/u, "")}`);
  if (id.ok) return id;
  return refuse<MarathonRefusalCode>("NOT_FOUND", `App '/${text}' does not exist`);
}

/** The body as JSON, or why it is none. An absent Content-Type is taken for JSON. */
export function jsonBody(request: HttpRequest): Result<unknown, MarathonRefusal> {
  const header = request.headers["content-type"];
  const type = header === undefined ? undefined : parseContentType(header)?.type;
  if (header !== undefined && type !== "application/json") {
    return refuse<MarathonRefusalCode>(
      "UNSUPPORTED_MEDIA_TYPE",
      "Unsupported Media Type: send JSON with the header 'Content-Type: application/json'.",
    );
  }
  const text = new TextDecoder().decode(request.body);
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (error) {
    const reason = text.trim() === "" ? "the body is empty" : reasonOf(error);
    return refuse<MarathonRefusalCode>("INVALID_JSON", "Invalid JSON", [
      { path: "/", errors: [reason] },
    ]);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
