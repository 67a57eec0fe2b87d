import { base64Encode } from "@tutti/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromProtobuf, messages, parseJson, toInt64, toJson, toProtobuf } from "./index.ts";
import type { FieldDescriptor, MessageDescriptor, ScalarType } from "./index.ts";

const roots: readonly MessageDescriptor[] = [
  messages.SchedulerCall,
  messages.SchedulerEvent,
  messages.ExecutorCall,
  messages.ExecutorEvent,
  messages.MasterCall,
  messages.MasterResponse,
  messages.MasterEvent,
  messages.AgentCall,
  messages.AgentResponse,
  messages.ResourceProviderCall,
  messages.ResourceStatistics,
  messages.ContainerID,
];

describe("codecs", () => {
  test("[MV12] any message: Protocol Buffers and back is the same message", () => {
    fc.assert(
      fc.property(anyMessage(false), ([descriptor, message]) => {
        const bytes = toProtobuf(descriptor, message);
        expect(fromProtobuf(descriptor, bytes)).toEqual({ ok: true, value: message });
      }),
    );
  });

  test("[MV7] any message with its defaults set: JSON to message to Protocol Buffers to message to JSON", () => {
    fc.assert(
      fc.property(anyMessage(true), ([descriptor, message]) => {
        const text = toJson(descriptor, message);
        const read = parseJson(descriptor, text);
        expect(read).toEqual({ ok: true, value: message });
        const back = fromProtobuf(descriptor, toProtobuf(descriptor, message));
        expect(back.ok && toJson(descriptor, back.value)).toBe(text);
        expect(() => JSON.parse(text) as unknown).not.toThrow();
      }),
    );
  });

  test("[MV15] no bytes make the reader throw", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...roots),
        fc.uint8Array({ maxLength: 200 }),
        (descriptor, bytes) => {
          expect(typeof fromProtobuf(descriptor, bytes).ok).toBe("boolean");
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("[MV15] no truncation and no changed byte makes the reader throw", () => {
    fc.assert(
      fc.property(anyMessage(false), fc.nat(), fc.nat(255), ([descriptor, message], at, byte) => {
        const bytes = toProtobuf(descriptor, message);
        const cut = fromProtobuf(descriptor, bytes.subarray(0, at % (bytes.length + 1)));
        expect(typeof cut.ok).toBe("boolean");
        if (bytes.length === 0) return;
        bytes[at % bytes.length] = byte;
        const changed = fromProtobuf(descriptor, bytes);
        if (changed.ok) expect(toProtobuf(descriptor, changed.value)).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 500 },
    );
  });

  test("[MV15] no JSON makes the reader throw, and what it accepts can be written", () => {
    const anyJson = fc.oneof(
      fc.json(),
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0e1-') }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...roots), anyJson, (descriptor, text) => {
        const read = parseJson(descriptor, text);
        if (read.ok) expect(toProtobuf(descriptor, read.value)).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 2000 },
    );
  });

  test("[MV15] no JSON of nearly the right shape makes the reader throw", () => {
    fc.assert(
      fc.property(anyMessage(true), fc.jsonValue(), fc.nat(), ([descriptor, message], odd, at) => {
        const places: (() => void)[] = [];
        const value = JSON.parse(toJson(descriptor, message)) as object;
        collectPlaces(value, odd, places);
        places[at % Math.max(1, places.length)]?.();
        const read = parseJson(descriptor, value);
        if (read.ok) expect(toProtobuf(descriptor, read.value)).toBeInstanceOf(Uint8Array);
        else expect(read.error.message).not.toBe("");
      }),
      { numRuns: 1000 },
    );
  });
});

function collectPlaces(value: object, odd: unknown, places: (() => void)[]): void {
  for (const [key, part] of Object.entries(value)) {
    places.push(() => Reflect.set(value, key, odd));
    if (typeof part === "object" && part !== null) collectPlaces(part as object, odd, places);
  }
}

type Sample = readonly [descriptor: MessageDescriptor, message: Record<string, unknown>];

/** A message of any of the roots; `full` sets every field that has a default and leaves NaN out. */
function anyMessage(full: boolean): fc.Arbitrary<Sample> {
  return fc
    .tuple(fc.constantFrom(...roots), fc.integer(), fc.nat(60))
    .map(([descriptor, seed, size]): Sample => [
      descriptor,
      new Builder(seed, size, full).message(descriptor),
    ]);
}

/** Builds messages from a seed; about `size` optional parts are set. */
class Builder {
  #state: number;
  #size: number;
  readonly #full: boolean;

  constructor(seed: number, size: number, full: boolean) {
    this.#state = seed;
    this.#size = size;
    this.#full = full;
  }

  message(descriptor: MessageDescriptor): Record<string, unknown> {
    const message: Record<string, unknown> = {};
    for (const field of descriptor.fields) {
      const hasDefault = this.#full && field.default !== undefined && !field.deprecated;
      if (field.label === "required" || hasDefault || this.#wants()) {
        message[field.name] = this.#value(field);
      }
    }
    return message;
  }

  #wants(): boolean {
    if (this.#size <= 0 || this.#below(4) > 0) return false;
    this.#size -= 1;
    return true;
  }

  #value(field: FieldDescriptor): unknown {
    if (field.label === "repeated") {
      return Array.from({ length: 1 + this.#below(3) }, () => this.#one(field));
    }
    if (field.label !== "map") return this.#one(field);
    return Object.fromEntries([
      [this.#text(), this.#one(field)],
      [this.#text(), this.#one(field)],
    ]);
  }

  #one(field: FieldDescriptor): unknown {
    switch (field.kind) {
      case "message":
        return this.message(field.message);
      case "enum":
        return field.enumType.names[this.#below(field.enumType.names.length)];
      case "scalar":
        return this.#scalar(field.scalar);
    }
  }

  #scalar(type: ScalarType): unknown {
    switch (type) {
      case "string":
        return this.#text();
      case "bytes":
        return base64Encode(Uint8Array.from({ length: this.#below(20) }, () => this.#below(256)));
      case "bool":
        return this.#below(2) === 1;
      case "double":
        return this.#double();
      case "int32":
        return this.#below(2 ** 32) - 2 ** 31;
      case "uint32":
        return this.#below(2 ** 32);
      case "int64":
        return toInt64(BigInt.asIntN(64, this.#bits()));
      case "uint64":
        return toInt64(BigInt.asUintN(64, this.#bits()));
    }
  }

  #double(): number {
    const odd = [0, -0, 0.1, 1e21, 5e-324, -1.5, 2 ** 53, Number.MAX_VALUE];
    if (!this.#full) odd.push(Number.NaN, Number.POSITIVE_INFINITY);
    const at = this.#below(odd.length + 3);
    return odd[at] ?? this.#below(2 ** 32) / 1000;
  }

  /** 64 bits, often few of them. */
  #bits(): bigint {
    const bits = (BigInt(this.#below(2 ** 32)) << 32n) | BigInt(this.#below(2 ** 32));
    return bits >> BigInt(this.#below(64));
  }

  #text(): string {
    const points = [0x61, 0x22, 0x5c, 0x2f, 0x0a, 0, 0x7f, 0xe9, 0x2028, 0xffff, 0x1f600, 0x10ffff];
    const one = (): string => String.fromCodePoint(points[this.#below(points.length)] ?? 0x7a);
    return this.#below(12) === 0
      ? "__proto__"
      : Array.from({ length: this.#below(40) }, one).join("");
  }

  /** A whole number of at least 0 and below `end` (mulberry32). */
  #below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }
}
