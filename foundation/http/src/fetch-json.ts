import { Fault } from "@tutti/base";
import { httpRequest } from "./client.ts";
import { parseContentType } from "./negotiation.ts";
import type { ClientRequest } from "./types.ts";

/** A request whose body, if any, is a value to be sent as JSON. */
export interface JsonRequest extends Omit<ClientRequest, "body"> {
  readonly json?: unknown;
}

/** An answer that was read as a whole. */
export interface JsonResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, also when it is no JSON. */
  readonly text: string;
  /** The parsed body when the answer says it is JSON; else undefined. */
  readonly json: unknown;
}

/**
 * Sends a value as JSON and reads the answer as JSON, whatever the status. Throws the faults of
 * `httpRequest`, and BAD_RESPONSE when what is called JSON is none.
 */
export async function fetchJson(request: JsonRequest): Promise<JsonResponse> {
  const { json, ...rest } = request;
  const response = await httpRequest({
    ...rest,
    headers: {
      Accept: "application/json",
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...rest.headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  const type = parseContentType(headers["content-type"] ?? "")?.type ?? "";
  const isJson = text !== "" && (type === "application/json" || type.endsWith("+json"));
  return { status, headers, text, json: isJson ? parse(request.url, text) : undefined };
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Fault("BAD_RESPONSE", `${url} answered with broken JSON.`, {
      retryable: false,
      cause,
    });
  }
}
