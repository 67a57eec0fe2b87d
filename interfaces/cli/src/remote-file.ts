import { ok } from "@tutti/base";
import { limits } from "./limits.ts";
import type { Outcome } from "./refusal.ts";
import type { Service } from "./service.ts";

/** A piece of a file and where the next one begins, in bytes. */
export interface Piece {
  readonly text: string;
  readonly nextOffset: number;
}

/** Replaces what a decoder could not read: at the end of a piece, a character cut in two. */
const replacement = "\u{fffd}";

/** A character of UTF-8 has at most this many bytes. */
const characterBytesMax = 4;

/** A file in a sandbox, read through an agent's `/files/read`. */
export class RemoteFile {
  readonly #agent: Service;
  readonly path: string;

  constructor(agent: Service, path: string) {
    this.#agent = agent;
    this.path = path;
  }

  /** In bytes. Refuses with NOT_FOUND when there is no such file. */
  async size(): Promise<Outcome<number>> {
    const answer = await this.#read(-1, undefined);
    return answer.ok ? ok(answer.value.offset) : answer;
  }

  /**
   * What stands between two offsets, at most one piece long, never ending within a character. Our agents
   * leave out a character that is cut, Mesos's cut it: then the piece is asked for again, a little shorter.
   */
  async read(from: number, to: number): Promise<Outcome<Piece>> {
    const length = Math.min(to - from, limits.logReadBytes);
    let shown = "";
    for (let cut = 0; cut < Math.min(characterBytesMax, length); cut += 1) {
      const answer = await this.#read(from, length - cut);
      if (!answer.ok) return answer;
      const { data } = answer.value;
      // The file has become shorter meanwhile.
      if (data === "") return ok({ text: "", nextOffset: to });
      if (!data.includes(replacement)) {
        return ok({ text: data, nextOffset: from + Buffer.byteLength(data) });
      }
      if (!data.endsWith(replacement)) return ok({ text: data, nextOffset: from + length - cut });
      if (cut === 0) shown = data;
    }
    // The bytes are no UTF-8 at all: show them as they come.
    return ok({ text: shown, nextOffset: from + length });
  }

  /** All text between two offsets. */
  async readAll(from: number, to: number): Promise<Outcome<string>> {
    let text = "";
    for (let offset = from; offset < to;) {
      const piece = await this.read(offset, to);
      if (!piece.ok) return piece;
      text += piece.value.text;
      offset = piece.value.nextOffset;
    }
    return ok(text);
  }

  #read(
    offset: number,
    length: number | undefined,
  ): Promise<Outcome<{ readonly data: string; readonly offset: number }>> {
    const query = new URLSearchParams({ path: this.path, offset: String(offset) });
    if (length !== undefined) query.set("length", String(length));
    return this.#agent.call({ path: `/files/read?${query.toString()}` });
  }
}
