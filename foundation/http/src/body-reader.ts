import type { IncomingMessage } from "node:http";
import { hasBody } from "./request-head.ts";

/** How reading a body ended. */
export type BodyOutcome =
  | { readonly type: "read"; readonly body: Uint8Array }
  | { readonly type: "tooLarge" }
  /** The client went away, or was cut off for its slowness. */
  | { readonly type: "gone" };

const EMPTY = new Uint8Array(0);

/** Reads the body of `message`, counting: at `bytesMax` it stops. Calls `done` once. */
export function readBody(
  message: IncomingMessage,
  bytesMax: number,
  done: (outcome: BodyOutcome) => void,
): void {
  if (!hasBody(message)) {
    done({ type: "read", body: EMPTY });
    return;
  }
  if (Number(message.headers["content-length"] ?? "0") > bytesMax) {
    done({ type: "tooLarge" });
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (outcome: BodyOutcome): void => {
    message.off("data", take).off("end", end).off("close", gone).off("error", gone);
    message.on("error", ignore);
    done(outcome);
  };
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > bytesMax) finish({ type: "tooLarge" });
    else chunks.push(chunk);
  };
  const end = (): void => {
    const [first] = chunks;
    finish({
      type: "read",
      body: first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks),
    });
  };
  const gone = (): void => finish({ type: "gone" });
  message.on("data", take).on("end", end).on("close", gone).on("error", gone);
}

function ignore(): void {
  // A request that broke after its outcome was known tells nothing new.
}
