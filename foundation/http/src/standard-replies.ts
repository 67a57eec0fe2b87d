import type { HttpReply } from "./types.ts";

/** An answer whose body is plain text. */
export function textReply(
  status: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): HttpReply {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    body: text,
  };
}

/** An answer whose body is `value` as JSON. */
export function jsonReply(
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): HttpReply {
  return {
    status,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** The default answer to a path without a route, in Mesos's words. */
export function notFoundReply(): HttpReply {
  return textReply(404, "404 Not Found.");
}

/** The default answer to a known path with another method, in Mesos's words. */
export function methodNotAllowedReply(method: string, allow: readonly string[]): HttpReply {
  const expected = allow.map((name) => `'${name}'`).join(", ");
  return textReply(
    405,
    `405 Method Not Allowed. Expecting one of { ${expected} }, but received '${method}'.`,
    {
      Allow: allow.join(", "),
    },
  );
}

/** The default answer to a body over the bound. */
export function bodyTooLargeReply(bytesMax: number): HttpReply {
  return textReply(
    413,
    `413 Payload Too Large. The body of this request may have at most ${bytesMax} bytes.`,
  );
}
