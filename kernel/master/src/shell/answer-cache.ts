import { limits } from "./limits.ts";

interface Entry {
  readonly version: number;
  readonly answer: string | Uint8Array;
}

/** Rendered answers, each good for the version of the state it was rendered from. */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>();

  /** The answer under `key` for `version`; rendered when there is none. */
  get<Answer extends string | Uint8Array>(
    key: string,
    version: number,
    render: () => Answer,
  ): Answer {
    const known = this.#entries.get(key);
    // Every caller of a key renders the same kind of answer.
    if (known?.version === version) return known.answer as Answer;
    const answer = render();
    if (this.#entries.size >= limits.cachedAnswersMax) this.#entries.clear();
    this.#entries.set(key, { version, answer });
    return answer;
  }
}
