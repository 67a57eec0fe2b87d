import type { Result } from "@tutti/base";
import type { HttpReply, HttpRequest } from "@tutti/http";
import type { MarathonRefusal } from "@tutti/marathon-v2";
import type { ApiRequest } from "../../core/index.ts";
import { commandReply, refusalReply } from "../replies.ts";
import { flagOf, jsonBody, sourceOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";

/** Carries out what a request asks for about its subject; a subject that is refused is the answer. */
export async function carryOut<T>(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  subject: Result<T, MarathonRefusal>,
  command: (subject: T) => ApiRequest,
): Promise<HttpReply> {
  if (!subject.ok) return refusalReply(subject.error);
  return commandReply(await service.command(sourceOf(access, request), command(subject.value)));
}

/** The body of a request as `parse` understands it. */
export function bodyOf<T>(
  request: HttpRequest,
  parse: (json: unknown) => Result<T, MarathonRefusal>,
): Result<T, MarathonRefusal> {
  const body = jsonBody(request);
  return body.ok ? parse(body.value) : body;
}

/** How `PUT` and `PATCH` are to be understood: a PATCH is partial and creates nothing. */
export function updateMode(request: HttpRequest): {
  readonly partial: boolean;
  readonly create: boolean;
  readonly force: boolean;
} {
  const isPatch = request.method === "PATCH";
  return {
    partial: isPatch || flagOf(request, "partialUpdate", true),
    create: !isPatch,
    force: flagOf(request, "force"),
  };
}
