import type { IncomingMessage } from "node:http";
import { codingOf, decompress } from "./compression.ts";

/** How reading a body ended. */
export type BodyOutcome =
  | { readonly type: "read"; readonly body: Uint8Array }
  | { readonly type: "tooLarge" }
  /** It is not what its Content-Encoding says. */
  | { readonly type: "broken" }
  /** The client went away, or was cut off for its slowness. */
  | { readonly type: "gone" };

/**
 * Reads the body of `message`, counting: at `bytesMax` it stops. A packed one is unpacked within the
 * same bound. Calls `done` once.
 */
export function readBody(
  message: IncomingMessage,
  bytesMax: number,
  done: (outcome: BodyOutcome) => void,
): void {
  if (Number(message.headers["content-length"] ?? "0") > bytesMax) {
    done({ type: "tooLarge" });
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const leave = (): void => {
    message.off("data", take).off("end", end).off("close", gone).off("error", gone);
    message.on("error", ignore);
  };
  const finish = (outcome: BodyOutcome): void => {
    leave();
    done(outcome);
  };
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > bytesMax) finish({ type: "tooLarge" });
    else chunks.push(chunk);
  };
  const end = (): void => {
    const [first] = chunks;
    const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
    if (codingOf(message.headers["content-encoding"]) !== "gzip") finish({ type: "read", body });
    else {
      leave();
      void unpack(body, bytesMax, done);
    }
  };
  const gone = (): void => finish({ type: "gone" });
  message.on("data", take).on("end", end).on("close", gone).on("error", gone);
}

async function unpack(
  body: Uint8Array,
  bytesMax: number,
  done: (outcome: BodyOutcome) => void,
): Promise<void> {
  const plain = await decompress(body, bytesMax);
  done(typeof plain === "string" ? { type: plain } : { type: "read", body: plain });
}

function ignore(): void {
  // A request that broke after its outcome was known tells nothing new.
}
