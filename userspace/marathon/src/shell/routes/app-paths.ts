import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";

/** Answers a request about the app of its path; `item` is the task or version behind it. */
export type AppPathHandler = (
  request: HttpRequest,
  path: string,
  item: string,
) => Promise<HttpReply>;

/** Handlers by method. */
type Methods = Readonly<Record<string, AppPathHandler>>;

/** What stands behind `/v2/apps/{id}`, where the id itself has slashes. */
export interface AppPathHandlers {
  readonly app: Methods;
  readonly restart: Methods;
  readonly tasks: Methods;
  readonly task: Methods;
  readonly versions: Methods;
  readonly version: Methods;
}

interface Target {
  readonly kind: keyof AppPathHandlers;
  readonly path: string;
  readonly item: string;
}

const allMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The one route that takes all paths below `/v2/apps/` apart: reserved words can end no app id. */
export function appPathRoutes(handlers: AppPathHandlers): Route {
  const handle = (request: HttpRequest): Promise<HttpReply> | HttpReply => {
    const target = targetOf(request.params["rest"] ?? "");
    const methods = handlers[target.kind];
    const handler =
      methods[request.method] ?? (request.method === "HEAD" ? methods["GET"] : undefined);
    return handler === undefined
      ? methodNotAllowed(request, Object.keys(methods))
      : handler(request, target.path, target.item);
  };
  return {
    path: "/v2/apps/*",
    methods: Object.fromEntries(allMethods.map((method) => [method, handle])),
  };
}

function targetOf(rest: string): Target {
  const segments = rest.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  const before = segments.at(-2) ?? "";
  const without = (count: number): string => segments.slice(0, -count).join("/");
  if (segments.length >= 2) {
    if (last === "restart") return { kind: "restart", path: without(1), item: "" };
    if (last === "tasks") return { kind: "tasks", path: without(1), item: "" };
    if (last === "versions") return { kind: "versions", path: without(1), item: "" };
  }
  if (segments.length >= 3) {
    if (before === "tasks") return { kind: "task", path: without(2), item: last };
    if (before === "versions") return { kind: "version", path: without(2), item: last };
  }
  return { kind: "app", path: segments.join("/"), item: "" };
}

/** 405 in JSON, with the methods that would do. */
export function methodNotAllowed(
  request: { readonly method: string; readonly path: string },
  allow: readonly string[],
): HttpReply {
  const message =
    `Method Not Allowed: ${request.method} is not possible here, ` + `use ${allow.join(" or ")}.`;
  return jsonReply(405, { message }, { Allow: allow.join(", ") });
}
