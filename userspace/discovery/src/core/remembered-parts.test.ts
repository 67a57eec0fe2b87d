import fc from "fast-check";
import { expect, test } from "vitest";
import { partTag, ProtobufFields } from "./protobuf-fields.ts";
import { RememberedParts } from "./remembered-parts.ts";
import { SharedTexts } from "./shared-texts.ts";

/** Reads all parts of a message whose fields are parts, remembered; each as the bytes it had. */
function readAll(parts: readonly Uint8Array[]): number[][] {
  const message = Uint8Array.from(
    parts.flatMap((part) => [partTag(1), (part.length & 127) | 128, part.length >> 7, ...part]),
  );
  const memory = new RememberedParts<number[]>();
  const fields = new ProtobufFields(message, new SharedTexts());
  const found: number[][] = [];
  while (fields.next() !== 0)
    found.push(
      fields.remembered(memory, () => {
        const outer = fields.open();
        const numbers: number[] = [];
        while (fields.next() !== 0) numbers.push(fields.number());
        fields.close(outer);
        return numbers;
      }),
    );
  return found;
}

test("[DSC7] a part that is remembered is what reading it again gives, whatever was read before", () => {
  const part = fc
    .array(fc.integer({ min: 0, max: 127 }), { maxLength: 300 })
    .map((numbers) => ({ numbers, bytes: Uint8Array.from(numbers.flatMap((n) => [8, n])) }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (made) => {
      const twice = [...made, ...made];
      const read = readAll(twice.map(({ bytes }) => bytes));
      expect(read).toEqual(twice.map(({ numbers }) => numbers));
    }),
  );
});

test("[DSC7] parts alike are one value, parts of one byte's difference are two", () => {
  const [first, second, third] = readAll([
    Uint8Array.of(8, 1),
    Uint8Array.of(8, 1),
    Uint8Array.of(8, 2),
  ]);
  expect(second).toBe(first);
  expect(third).toEqual([2]);
});
