import { Fault } from "@tutti/base";

/** Stable codes of what can fail between a client and a server, by the system's or Node's code. */
const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "CONNECTION_REFUSED",
  ENOENT: "CONNECTION_REFUSED",
  ECONNRESET: "CONNECTION_RESET",
  ECONNABORTED: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
  ERR_STREAM_PREMATURE_CLOSE: "CONNECTION_RESET",
  ETIMEDOUT: "TIMEOUT",
  ENOTFOUND: "HOST_NOT_FOUND",
  EAI_AGAIN: "HOST_NOT_FOUND",
  EHOSTUNREACH: "UNREACHABLE",
  ENETUNREACH: "UNREACHABLE",
  ENETDOWN: "UNREACHABLE",
};

/** The fault of a request to `url` that failed with `cause`; a fault stays as it is. */
export function toClientFault(url: string, cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  const systemCode = codeOf(cause);
  if (systemCode.startsWith("HPE_")) {
    return new Fault("BAD_RESPONSE", `${url} did not answer in HTTP/1.1.`, {
      retryable: false,
      cause,
    });
  }
  const code = CODES[systemCode] ?? "REQUEST_FAILED";
  return new Fault(code, `The request to ${url} failed: ${code}.`, {
    retryable: code !== "REQUEST_FAILED",
    cause,
  });
}

/** The code of an error; of several attempts (several addresses of a name) that of the last. */
function codeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0)
    return codeOf(cause.errors.at(-1));
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}

export function timeoutFault(url: string, timeoutMs: number): Fault {
  return new Fault("TIMEOUT", `${url} was silent for ${timeoutMs} ms.`, { retryable: true });
}

export function abortedFault(url: string): Fault {
  return new Fault("ABORTED", `The request to ${url} was cancelled.`, { retryable: false });
}
