import { isIP } from "node:net";
import { textReply } from "./standard-replies.ts";
import type { Guard } from "./types.ts";

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

const KNOWN_HOSTS_MAX = 100;

/** Whether a request with `method` asks for no change. */
export function isSafeMethod(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/**
 * Refuses what a web page of another site can make a user's browser send: a Host that is no name of
 * this server (a name that an attacker's DNS points here), and writes with a foreign Origin. IP
 * literals, `localhost` and `hostNames` are names of this server; the port of the Host is not judged.
 */
export function siteGuard(hostNames: readonly string[]): Guard {
  const names = new Set(["localhost", ...hostNames.map((name) => name.toLowerCase())]);
  // What was found good before: a server is called by few names, and asked for them with every request.
  const known = new Set<string>();
  const isKnown = (host: string): boolean => {
    if (known.has(host)) return true;
    if (!isOwnName(hostNameOf(host), names)) return false;
    if (known.size < KNOWN_HOSTS_MAX) known.add(host);
    return true;
  };
  return ({ method, headers }) => {
    const host = headers["host"]?.toLowerCase();
    if (host !== undefined && !isKnown(host)) {
      return textReply(
        403,
        "403 Forbidden. The Host of this request is no name of this server: use its address.",
      );
    }
    const origin = headers["origin"]?.toLowerCase();
    if (origin === undefined || isSafeMethod(method) || hostOfOrigin(origin) === host)
      return undefined;
    return textReply(403, "403 Forbidden. A page of another site may not change anything here.");
  };
}

function isOwnName(name: string, names: ReadonlySet<string>): boolean {
  return isIP(name) !== 0 || names.has(name);
}

/** The host of `host[:port]`, without the brackets of IPv6. */
function hostNameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/u.exec(host);
  if (bracketed !== null) return bracketed[1] ?? "";
  return host.replace(/:\d*$/u, "").replace(/\.$/u, "");
}

function hostOfOrigin(origin: string): string | undefined {
  const match = /^https?:\/\/([^/]+)$/u.exec(origin);
  return match?.[1];
}
