import { limits } from "./limits.ts";

/** One instance of each text that many tasks have: JSON makes one for each place it stands at. */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  share(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= limits.textsSharedMax) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
