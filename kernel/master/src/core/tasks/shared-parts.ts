import { limits } from "../limits.ts";

/**
 * Values that many tasks have alike (labels, health checks, a host's addresses, words), each kept once. What is
 * handed in is compared by content; what comes out may be another object of the same content. Bounded: when
 * it is full it begins anew, and what is in use stays with those who use it.
 */
export class SharedParts {
  readonly #texts = new Map<string, string>();
  readonly #values = new Map<string, unknown>();
  /** What was last asked for: the tasks of an app come one after another, and comparing is cheaper than a key. */
  readonly #recent: unknown[] = [];
  #nextRecent = 0;

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
    for (const recent of this.#recent) if (isSameContent(recent, value)) return recent as Value;
    const key = contentOf(value);
    if (key.length > limits.sharedValueCharsMax) return value;
    const shared = (this.#values.get(key) ?? value) as Value;
    if (this.#values.size >= limits.sharedPartsMax) this.#values.clear();
    this.#values.set(key, shared);
    this.#recent[this.#nextRecent] = shared;
    this.#nextRecent = (this.#nextRecent + 1) % recentMax;
    return shared;
  }
}

const recentMax = 4;

function isSameContent(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  if (left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const one = left as Record<string, unknown>;
  const other = right as Record<string, unknown>;
  // Without lists of names: this is done for each task. What has no content is told apart by its name.
  let count = 0;
  for (const name in one) {
    if (!(name in other) || !isSameContent(one[name], other[name])) return false;
    count += 1;
  }
  for (const _ in other) count -= 1;
  return count === 0;
}

/** A text that differs for different content. Unlike JSON it tells integers of either type apart. */
function contentOf(value: unknown): string {
  if (typeof value === "string") return `${String(value.length)}:${value}`;
  if (value instanceof Uint8Array) return `y${value.join()};`;
  if (Array.isArray(value)) {
    let text = "[";
    for (const item of value as readonly unknown[]) text += contentOf(item);
    return `${text}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = value as Readonly<Record<string, unknown>>;
    let text = "{";
    for (const name in fields) text += `${name}=${contentOf(fields[name])}`;
    return `${text}}`;
  }
  return `${typeof value}${String(value)};`;
}
