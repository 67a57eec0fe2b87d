import { limits } from "./limits.ts";
import type { StreamWriter } from "./types.ts";

/**
 * Sends a long text piece by piece as fast as its reader takes it, and ends the stream: a listing of any length costs
 * little memory. Between two chunks other work of the process gets its turn.
 */
export function streamPieces(writer: StreamWriter, pieces: Iterable<string>): void {
  const iterator = pieces[Symbol.iterator]();
  const next = (): void => {
    if (writer.closed.aborted) {
      iterator.return?.();
      return;
    }
    if (writer.bufferedBytes > limits.piecesBufferedBytesMax) {
      setTimeout(next, limits.piecesPauseMs);
      return;
    }
    let chunk = "";
    while (chunk.length < limits.pieceChunkLength) {
      const step = iterator.next();
      if (step.done === true) {
        if (chunk !== "") writer.write(chunk);
        writer.end();
        return;
      }
      chunk += step.value;
    }
    writer.write(chunk);
    setImmediate(next);
  };
  next();
}
