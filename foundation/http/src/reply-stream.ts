import type { ServerResponse } from "node:http";
import type { StreamWriter } from "./types.ts";

/**
 * The sending side of a streaming answer over `response`, whose head is sent. `bytesMax` bounds what
 * is buffered beyond the largest single chunk.
 */
export function createStreamWriter(response: ServerResponse, bytesMax: number): StreamWriter {
  const controller = new AbortController();
  let chunkBytesMax = 0;
  if (response.closed || response.destroyed) queueMicrotask(() => controller.abort());
  else response.once("close", () => controller.abort());
  response.on("error", () => response.destroy());
  return {
    write(chunk) {
      if (response.destroyed || response.writableEnded || chunk.length === 0) return;
      const bytes = typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
      chunkBytesMax = Math.max(chunkBytesMax, bytes);
      response.write(chunk);
      if (response.writableLength > bytesMax + chunkBytesMax) response.destroy();
    },
    end() {
      response.end();
    },
    destroy() {
      response.destroy();
    },
    get bufferedBytes() {
      return response.writableLength;
    },
    closed: controller.signal,
  };
}
