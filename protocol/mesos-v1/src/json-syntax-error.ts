import { echoCharsMax } from "./limits.ts";

/**
 * Says where text stops being JSON, as Mesos does: `syntax error at line 1 near: not json`, or
 * `Parsed JSON included non-whitespace trailing characters: …` behind a complete value. At most
 * `echoCharsMax` characters of the text are repeated.
 */
export function describeJsonSyntaxError(text: string): string {
  const scanner = new Scanner(text);
  if (scanner.value()) {
    const rest = text.slice(scanner.at);
    if (rest.trim() !== "") {
      return `Parsed JSON included non-whitespace trailing characters: ${rest.slice(0, echoCharsMax)}`;
    }
    scanner.at = 0;
  }
  const line = text.slice(0, scanner.at).split("\n").length;
  const [near = ""] = text.slice(scanner.at, scanner.at + echoCharsMax).split("\n");
  // oxlint-disable-next-line no-control-regex -- Mesos leaves control characters out
  return `syntax error at line ${line} near: ${near.replace(/[\u0000-\u001f]/g, "")}`;
}

/** Walks JSON text and stops with `at` where it goes wrong; an explicit stack bears any depth. */
class Scanner {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether one whole value was read. */
  value(): boolean {
    const closers: string[] = [];
    for (;;) {
      const opened = this.#startOfValue(closers);
      if (opened === undefined) return false;
      if (opened) continue;
      for (;;) {
        const closer = closers.at(-1);
        if (closer === undefined) return true;
        this.#skipSpace();
        const next = this.#text[this.at];
        if (next === ",") {
          this.at += 1;
          if (closer === "}" && !this.#key()) return false;
          break;
        }
        if (next !== closer) return false;
        this.at += 1;
        closers.pop();
      }
    }
  }

  /** True when a container was opened and wants a value, false when a value is complete. */
  #startOfValue(closers: string[]): boolean | undefined {
    this.#skipSpace();
    const first = this.#text[this.at];
    if (first === "{" || first === "[") {
      const closer = first === "{" ? "}" : "]";
      this.at += 1;
      this.#skipSpace();
      if (this.#text[this.at] === closer) {
        this.at += 1;
        return false;
      }
      if (closer === "}" && !this.#key()) return undefined;
      closers.push(closer);
      return true;
    }
    return this.#scalar(first) ? false : undefined;
  }

  #scalar(first: string | undefined): boolean {
    if (first === '"') return this.#string();
    const word = /^(?:null|true|false|-?\d[\d.eE+-]*)/.exec(
      this.#text.slice(this.at, this.at + 400),
    );
    if (word === null) return false;
    this.at += word[0].length;
    return true;
  }

  #key(): boolean {
    this.#skipSpace();
    if (this.#text[this.at] !== '"' || !this.#string()) return false;
    this.#skipSpace();
    if (this.#text[this.at] !== ":") return false;
    this.at += 1;
    return true;
  }

  #string(): boolean {
    this.at += 1;
    for (; this.at < this.#text.length; this.at += 1) {
      const character = this.#text[this.at] ?? "";
      if (character === '"') {
        this.at += 1;
        return true;
      }
      if (character < " ") return false;
      if (character === "\\") this.at += 1;
    }
    return false;
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.at] ?? "x")) this.at += 1;
  }
}
