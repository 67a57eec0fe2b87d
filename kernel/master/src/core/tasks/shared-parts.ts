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
  if (Array.isArray(left)) return Array.isArray(right) && isSameList(left, right);
  if (Array.isArray(right)) return false;
  const one = left as Record<string, unknown>;
  const other = right as Record<string, unknown>;
  // By lists of names: `for in` over objects of many shapes is compiled and thrown away again and again.
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) {
    const value = one[name];
    const that = other[name];
    if (value === that) {
      // What has no content is told apart by its name.
      if (value === undefined && !(name in other)) return false;
    } else if (!isSameContent(value, that)) return false;
  }
  return true;
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (!isSameContent(one[at], other[at])) return false;
  return true;
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
    for (const name of Object.keys(fields)) text += `${name}=${contentOf(fields[name])}`;
    return `${text}}`;
  }
  return `${typeof value}${String(value)};`;
}
