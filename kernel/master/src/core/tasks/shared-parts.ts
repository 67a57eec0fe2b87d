import { limits } from "../limits.ts";

/**
 * Values that many tasks have alike (labels, health checks, a host's addresses, words), each kept once. What is
 * handed in is compared by content; what comes out may be another object of the same content. Bounded: when
 * it is full it begins anew, and what is in use stays with those who use it.
 */
export class SharedParts {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, unknown>();

  /** The text, as one string for all. */
  text<Text extends string>(text: Text): Text {
    const known = this.#texts.get(text);
    if (known !== undefined) return known as Text;
    if (text.length > limits.sharedTextCharsMax) return text;
    if (this.#texts.size >= limits.sharedPartsMax) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** The value, as one object for all of the same content. It must never be changed. */
  value<Value>(value: Value): Value {
    const key = contentOf(value);
    const known = this.#values.get(key);
    if (known !== undefined) return known as Value;
    if (key.length > limits.sharedValueCharsMax) return value;
    if (this.#values.size >= limits.sharedPartsMax) this.#values.clear();
    this.#values.set(key, value);
    return value;
  }
}

/** A text that differs for different content. Unlike JSON it tells integers of either type apart. */
function contentOf(value: unknown): string {
  if (typeof value === "string") return `${String(value.length)}:${value}`;
  if (value instanceof Uint8Array) return `y${value.join()};`;
  if (Array.isArray(value)) return `[${value.map(contentOf).join("")}]`;
  if (typeof value === "object" && value !== null) {
    let text = "{";
    for (const [name, field] of Object.entries(value)) text += `${name}=${contentOf(field)}`;
    return `${text}}`;
  }
  return `${typeof value}${String(value)};`;
}
