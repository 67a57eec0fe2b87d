import { timingSafeEqual } from "node:crypto";
import { isSafeMethod } from "./site-guard.ts";
import { textReply } from "./standard-replies.ts";
import type { Guard, HttpReply } from "./types.ts";

/** How the secret guards a server. */
interface BearerGuardOptions {
  readonly secret: string;
  /** Lets everything pass, for a cluster that was started so. */
  readonly open: boolean;
  /**
   * What passes without the secret; default: methods that change nothing. A path that reads by POST
   * is allowed here and then judges its own calls with `hasBearer`.
   */
  readonly allowRead?: (method: string, path: string) => boolean;
}

/**
 * Lets a request pass that bears the secret, as `Authorization: Bearer …` or, as clients of DC/OS
 * send it, `Authorization: token=…`; others only where nothing can be changed.
 */
export function bearerGuard(options: BearerGuardOptions): Guard {
  const { secret, open, allowRead = isSafeMethod } = options;
  return ({ method, path, headers }) => {
    if (open || allowRead(method, path) || hasBearer(headers, secret)) return undefined;
    return unauthorizedReply();
  };
}

/** Whether `headers` bear `secret`, compared in constant time. */
export function hasBearer(headers: Readonly<Record<string, string>>, secret: string): boolean {
  const match = /^(?:bearer\s+|token=)(.+)$/iu.exec(headers["authorization"]?.trim() ?? "");
  if (match === null) return false;
  const given = Buffer.from(match[1] ?? "", "utf8");
  const wanted = Buffer.from(secret, "utf8");
  return given.length === wanted.length && wanted.length > 0 && timingSafeEqual(given, wanted);
}

/** The answer to a request that lacks the secret, and what to do about it. */
export function unauthorizedReply(): HttpReply {
  return textReply(
    401,
    "401 Unauthorized. This needs the cluster's secret: send the header 'Authorization: Bearer SECRET', " +
      'where SECRET is what the start of the cluster printed as "secret".',
    { "WWW-Authenticate": "Bearer" },
  );
}
