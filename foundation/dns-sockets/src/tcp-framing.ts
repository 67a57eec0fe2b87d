/** A message as TCP carries it: its length in two bytes, then its bytes (RFC 1035 §4.2.2). */
export function frameMessage(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >>> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, 2);
  return framed;
}

/**
 * Finds the messages in a stream, in whatever pieces it comes.
 *
 * Invariant: holds less than one message of `messageBytesMax` and its length.
 */
export class FrameReader {
  readonly #messageBytesMax: number;
  #held = new Uint8Array(0);

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** The messages that are complete with `piece`; undefined when one announces more than may come. */
  push(piece: Uint8Array): readonly Uint8Array[] | undefined {
    const bytes = new Uint8Array(this.#held.length + piece.length);
    bytes.set(this.#held);
    bytes.set(piece, this.#held.length);
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at + 2 <= bytes.length) {
      const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
      if (length > this.#messageBytesMax) return undefined;
      const end = at + 2 + length;
      if (end > bytes.length) break;
      messages.push(bytes.subarray(at + 2, end));
      at = end;
    }
    this.#held = bytes.slice(at);
    return messages;
  }
}
