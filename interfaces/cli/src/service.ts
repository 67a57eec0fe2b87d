import { Fault, ok } from "@tutti/base";
import type { RefusalDetail } from "@tutti/base";
import { fetchJson, type JsonResponse } from "@tutti/http";
import { limits } from "./limits.ts";
import { pause } from "./pause.ts";
import { type Outcome, refused } from "./refusal.ts";

/** A request to one of the cluster's services. */
export interface ServiceRequest {
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  readonly json?: unknown;
  /** Default: that of the CLI. */
  readonly timeoutMs?: number;
}

/** One HTTP service of the cluster, with the cluster's secret. */
export class Service {
  readonly name: string;
  readonly url: string;
  readonly #secret: string | undefined;
  readonly #signal: AbortSignal;
  readonly #isNamed: boolean;
  readonly #onRestart: (text: string) => void;
  #hasAnswered = false;

  /**
   * `isNamed`: the user named the cluster by its address, which may be a wrong one. `onRestart` is told when the
   * service is waited for.
   */
  constructor(
    name: string,
    url: string,
    how: {
      readonly secret: string | undefined;
      readonly signal: AbortSignal;
      readonly isNamed: boolean;
      readonly onRestart?: (text: string) => void;
    },
  ) {
    this.name = name;
    this.url = url;
    this.#secret = how.secret;
    this.#signal = how.signal;
    this.#isNamed = how.isNamed;
    this.#onRestart = how.onRestart ?? ((): void => undefined);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#secret === undefined ? {} : { authorization: `Bearer ${this.#secret}` };
  }

  /**
   * The JSON of an answer whose status is below 300. Everything else is a refusal: what the service says, or
   * why it could not be reached.
   */
  async call<T>(request: ServiceRequest): Promise<Outcome<T>> {
    try {
      const answer = await this.#fetchPatiently(this.url + request.path, request);
      this.#hasAnswered = true;
      if (answer.json === undefined && answer.text !== "" && isPage(answer)) {
        return this.#stranger(`it answers with a page, status ${String(answer.status)}`);
      }
      if (answer.status < 300) return ok(answer.json as T);
      return this.refusalOf(answer.status, answer.json ?? answer.text);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return this.unreachable(error);
    }
  }

  /**
   * A process that was ended just now is started again within a moment. Only the first question of a command waits
   * for that; later ones, and those that are bounded, are their caller's to ask again.
   */
  async #fetchPatiently(url: string, request: ServiceRequest): Promise<JsonResponse> {
    const untilMs = performance.now() + limits.restartMsMax;
    let isTold = this.#isNamed || this.#hasAnswered || request.timeoutMs !== undefined;
    const waits = !isTold;
    for (;;) {
      try {
        return await this.#fetch(url, request);
      } catch (error) {
        const isDown = error instanceof Fault && error.code === "CONNECTION_REFUSED";
        if (!waits || !isDown || performance.now() > untilMs) throw error;
        if (!isTold) {
          const seconds = String(limits.restartMsMax / 1000);
          this.#onRestart(
            `${this.name} does not listen; if it ended just now it is started again: waiting up to ${seconds} s.`,
          );
        }
        isTold = true;
        if (!(await pause(limits.restartIntervalMs, this.#signal))) throw error;
      }
    }
  }

  /** One that does not lead sends us to the one that does. */
  async #fetch(url: string, request: ServiceRequest, hops = 0): Promise<JsonResponse> {
    const answer = await fetchJson({
      method: request.method ?? "GET",
      url,
      headers: this.headers,
      signal: this.#signal,
      timeoutMs: request.timeoutMs ?? limits.requestTimeoutMs,
      ...(request.json === undefined ? {} : { json: request.json }),
    });
    const { location = "" } = answer.headers;
    const isElsewhere = answer.status === 307 && location !== "" && URL.canParse(location, url);
    if (!isElsewhere || hops >= limits.redirectsMax) return answer;
    return this.#fetch(withQuery(new URL(location, url), url), request, hops + 1);
  }

  /** Why the service could not be asked. */
  unreachable(fault: Fault): ReturnType<typeof refused> {
    if (fault.code === "ABORTED") return refused("INTERRUPTED", "Interrupted.");
    if (fault.code === "BAD_RESPONSE") return this.#stranger("it does not answer in HTTP and JSON");
    const reason = reachReasons[fault.code] ?? fault.code;
    return refused("UNREACHABLE", `${this.name} at ${this.url} cannot be reached: ${reason}.`, {
      hint: this.#isNamed
        ? "The address was named by --url, --marathon-url, TUTTI_MASTER or TUTTI_MARATHON: is it right?"
        : "See ./tutti status; what does not come back by itself ./tutti up starts again.",
    });
  }

  /** Something answers at the address that is not what was looked for. */
  #stranger(what: string): ReturnType<typeof refused> {
    const name = `${this.name.charAt(0).toLowerCase()}${this.name.slice(1)}`;
    return refused(
      "FAILED",
      `What listens at ${this.url} is not ${name === "marathon" ? this.name : name}: ${what}.`,
      {
        hint: this.#isNamed
          ? `The master's address is given by --url (its port is mostly 5050), Marathon's by --marathon-url (8080).`
          : "See ./tutti status.",
      },
    );
  }

  /** What the service says, as a refusal with the CLI's code. */
  refusalOf(status: number, body: unknown): ReturnType<typeof refused> {
    const { message, details, deployments } = readRefusal(body);
    // Marathon always says what it does not have; a Mesos agent is silent about files.
    const isSilent = message === undefined && this.name === "Marathon";
    if (status === 404 && (isSilent || /^URI not found\b/.test(message ?? ""))) {
      return this.#stranger("it knows no such path");
    }
    const text = message ?? `${this.name} answered with status ${String(status)}.`;
    const base = { message: text, status, ...(details === undefined ? {} : { details }) };
    switch (status) {
      case 400:
      case 413:
      case 415:
      case 422:
        return { ok: false, error: { code: "INVALID", ...base } };
      case 401:
        return {
          ok: false,
          error: {
            code: "UNAUTHENTICATED",
            ...base,
            hint: "Give the cluster's secret, which ./tutti up prints: --secret or TUTTI_SECRET.",
          },
        };
      case 403:
        return { ok: false, error: { code: "FORBIDDEN", ...base } };
      case 404:
        return { ok: false, error: { code: "NOT_FOUND", ...base } };
      case 409:
        return deployments === undefined
          ? { ok: false, error: { code: "CONFLICT", ...base } }
          : { ok: false, error: { code: "APP_LOCKED", ...base, deployments, hint: lockedHint } };
      default:
        return { ok: false, error: { code: "REFUSED", ...base } };
    }
  }
}

/** Why something cannot be reached, in words. */
const reachReasons: Readonly<Record<string, string>> = {
  CONNECTION_REFUSED: "nothing listens there (connection refused)",
  CONNECTION_RESET: "the connection was cut",
  HOST_NOT_FOUND: "there is no host of that name",
  TIMEOUT: "it did not answer in time",
  UNREACHABLE: "there is no way to that machine",
};

/** Whether the body is for a browser, which nothing of ours sends to a program. */
function isPage({
  headers,
  text,
}: {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}): boolean {
  return (headers["content-type"] ?? "").includes("html") || /^\s*<(?:!doctype|html)/i.test(text);
}

/** A redirection that names no query means the same one. */
function withQuery(target: URL, asked: string): string {
  if (target.search === "") target.search = new URL(asked).search;
  return target.toString();
}

const lockedHint = "Wait with ./tutti deployment watch, or override the deployment with --force.";

function readRefusal(body: unknown): {
  readonly message: string | undefined;
  readonly details: readonly RefusalDetail[] | undefined;
  readonly deployments: readonly string[] | undefined;
} {
  if (typeof body === "string" && body.trim() !== "") {
    return { message: body.trim(), details: undefined, deployments: undefined };
  }
  if (typeof body !== "object" || body === null) {
    return { message: undefined, details: undefined, deployments: undefined };
  }
  const { message, details, deployments } = body as {
    readonly message?: unknown;
    readonly details?: unknown;
    readonly deployments?: unknown;
  };
  return {
    message: typeof message === "string" ? message : undefined,
    details: Array.isArray(details) ? details.flatMap(readDetail) : undefined,
    deployments: Array.isArray(deployments)
      ? deployments.map((each: { readonly id?: unknown }) => String(each.id))
      : undefined,
  };
}

function readDetail(detail: unknown): RefusalDetail[] {
  if (typeof detail !== "object" || detail === null) return [];
  const { path, errors } = detail as { readonly path?: unknown; readonly errors?: unknown };
  if (!Array.isArray(errors)) return [];
  return [{ path: typeof path === "string" ? path : "", errors: errors.map(String) }];
}
