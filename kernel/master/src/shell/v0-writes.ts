import { refuse, utf8Decode } from "@tutti/base";
import type { Result } from "@tutti/base";
import { textReply } from "@tutti/http";
import type { HttpHandler, HttpReply, HttpRequest, Route } from "@tutti/http";
import { messages, parseJson } from "@tutti/mesos-v1";
import type { MasterCall } from "@tutti/mesos-v1";
import type { MasterSite } from "./site.ts";
import { principalOf, withLeader } from "./site.ts";

type Write = (site: MasterSite, request: HttpRequest) => Promise<HttpReply>;

const later: Write = (site, request) => withLeader(site, request, () => refuseLater(request));

/** What changes something, by path and method. Rule MST73. */
const writes: Readonly<Record<string, Readonly<Record<string, Write>>>> = {
  "/teardown": { POST: teardown },
  "/weights": { PUT: putWeights },
  "/quota": { POST: postQuota, DELETE: deleteQuota },
  "/quota/*": { DELETE: deleteQuota },
  "/maintenance/schedule": { POST: later },
  "/machine/down": { POST: later },
  "/machine/up": { POST: later },
  "/reserve": { POST: later },
  "/unreserve": { POST: later },
  "/create-volumes": { POST: later },
  "/destroy-volumes": { POST: later },
};

/** Handlers of what changes something, by path and method. */
export function v0Writes(site: MasterSite): ReadonlyMap<string, Route["methods"]> {
  return new Map(
    Object.entries(writes).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, write]): [string, HttpHandler] => [
          method,
          (request) => write(site, request),
        ]),
      ),
    ]),
  );
}

/** Whether a method changes something on a path that is also read. */
export function isV0Write(method: string, path: string): boolean {
  return writes[path]?.[method] !== undefined;
}

function refuseLater({ method, path }: HttpRequest): HttpReply {
  return textReply(501, `${method} ${path} is not supported by this release`);
}

/** `POST /teardown` with `frameworkId` in a form. */
function teardown(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  const id = new URLSearchParams(utf8Decode(request.body)).get("frameworkId");
  if (id === null) {
    const text = "Missing 'frameworkId' query parameter in the request body";
    return withLeader(site, request, () => textReply(400, text));
  }
  return perform(site, request, {
    type: "TEARDOWN",
    teardown: { framework_id: { value: id } },
  });
}

/** `PUT /weights` with a JSON array of `{role, weight}`. */
function putWeights(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  const call = parseWeights(utf8Decode(request.body));
  if (call.ok) return perform(site, request, call.value);
  const message = `Failed to parse update weights request JSON: ${call.error.message}`;
  return withLeader(site, request, () => textReply(400, message));
}

/** `POST /quota` with a `QuotaRequest` in JSON. */
function postQuota(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  const body = utf8Decode(request.body);
  const call = parseQuota(body);
  if (call.ok) return perform(site, request, call.value);
  const message = `Failed to validate set quota request JSON '${body}': ${call.error.message}`;
  return withLeader(site, request, () => textReply(400, message));
}

/** The request is part of a call as the operator API has it, and read as such. */
function parseQuota(text: string): Result<MasterCall> {
  const request = parseJsonValue(text);
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    return refuse("INVALID_QUOTA", "Expecting a JSON object");
  }
  return parseJson(messages.MasterCall, {
    type: "SET_QUOTA",
    set_quota: { quota_request: request },
  });
}

/** `DELETE /quota/ROLE`; a role may have slashes. */
function deleteQuota(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  const role = request.params["rest"] ?? "";
  if (role === "") {
    const text = `Failed to parse remove quota request for path '${request.path}': a role is expected after /quota/`;
    return withLeader(site, request, () => textReply(400, text));
  }
  return perform(site, request, { type: "REMOVE_QUOTA", remove_quota: { role } });
}

/** The array is part of a call as the operator API has it, and read as such. */
function parseWeights(text: string): Result<MasterCall> {
  const infos = parseJsonArray(text);
  if (infos === undefined) return refuse("INVALID_WEIGHTS", "Expecting a JSON array");
  return parseJson(messages.MasterCall, {
    type: "UPDATE_WEIGHTS",
    update_weights: { weight_infos: infos },
  });
}

function parseJsonArray(text: string): readonly unknown[] | undefined {
  const value = parseJsonValue(text);
  return Array.isArray(value) ? value : undefined;
}

function parseJsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function perform(site: MasterSite, request: HttpRequest, call: MasterCall): Promise<HttpReply> {
  return withLeader(site, request, (leader) =>
    leader.connections.request((requestId) => ({
      type: "operatorCall",
      requestId,
      principal: principalOf(site, request),
      call,
    })),
  );
}
