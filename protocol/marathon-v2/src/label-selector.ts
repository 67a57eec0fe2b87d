import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";

/** Whether a set of labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/**
 * Reads a selector: comma-separated terms that all must hold; `key`, `key==value`, `key!=value`,
 * `key in (a, b)`, `key notin (a, b)`. A backslash takes the next character as it is. Rule APP10.
 */
export function parseLabelSelector(text: string): Result<LabelSelector, Refusal<"BAD_SELECTOR">> {
  const selectors: LabelSelector[] = [];
  const reader = new Reader(text);
  for (;;) {
    const selector = readTerm(reader);
    if (selector === undefined) {
      return refuse(
        "BAD_SELECTOR",
        `Can not parse label selector '${text}': at character ${reader.at + 1}. ` +
          "Use key, key==value, key!=value, key in (a, b) or key notin (a, b), joined by commas.",
      );
    }
    selectors.push(selector);
    reader.skipSpace();
    if (reader.isAtEnd) return ok((labels) => selectors.every((selects) => selects(labels)));
    if (!reader.take(",")) {
      return refuse("BAD_SELECTOR", `Can not parse label selector '${text}': expected a comma.`);
    }
  }
}

class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length;
  }

  skipSpace(): void {
    while (this.#text[this.at] === " " || this.#text[this.at] === "\t") this.at += 1;
  }

  take(token: string): boolean {
    this.skipSpace();
    if (!this.#text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  /** A run of letters, digits, dashes, dots, underscores and escaped characters. */
  word(): string {
    this.skipSpace();
    let word = "";
    for (;;) {
      const character = this.#text[this.at] ?? "";
      const escaped = character === "\\" ? this.#text[this.at + 1] : undefined;
      if (escaped !== undefined) {
        word += escaped;
        this.at += 2;
      } else if (/^[A-Za-z0-9_.-]$/.test(character)) {
        word += character;
        this.at += 1;
      } else return word;
    }
  }
}

function readTerm(reader: Reader): LabelSelector | undefined {
  const key = reader.word();
  if (key === "") return undefined;
  if (reader.take("==")) {
    const value = reader.word();
    return (labels) => valueOf(labels, key) === value;
  }
  if (reader.take("!=")) {
    const value = reader.word();
    return (labels) => ![undefined, value].includes(valueOf(labels, key));
  }
  const start = reader.at;
  const operator = reader.word();
  if (operator !== "in" && operator !== "notin") {
    reader.at = start;
    return operator === "" ? (labels) => valueOf(labels, key) !== undefined : undefined;
  }
  const values = readSet(reader);
  if (values === undefined) return undefined;
  const wanted = operator === "in";
  return (labels) => {
    const value = valueOf(labels, key);
    return value !== undefined && values.has(value) === wanted;
  };
}

function readSet(reader: Reader): ReadonlySet<string> | undefined {
  if (!reader.take("(")) return undefined;
  const values = new Set<string>();
  for (;;) {
    values.add(reader.word());
    if (reader.take(")")) return values;
    if (!reader.take(",")) return undefined;
  }
}

function valueOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
