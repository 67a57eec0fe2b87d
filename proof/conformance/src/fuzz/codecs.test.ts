import fc from "fast-check";
import { fromProtobuf, parseJson, toJson, toProtobuf } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import { goldenMessages } from "../golden.ts";
import { mutate, mutations } from "./mutations.ts";

const golden = goldenMessages().map(({ descriptor, body }) => ({
  descriptor,
  text: JSON.stringify(body, (_, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  ),
}));

describe("[MV12] [MV15] recorded messages, changed", () => {
  it("as JSON: refused, or the same again through both codecs", () => {
    fc.assert(
      fc.property(fc.constantFrom(...golden), mutations, ({ descriptor, text }, changes) => {
        const changed = JSON.stringify(mutate(JSON.parse(text), changes));
        const read = parseJson(descriptor, changed);
        if (!read.ok) return;
        const again = parseJson(descriptor, toJson(descriptor, read.value));
        expect(again.ok && toJson(descriptor, again.value)).toBe(toJson(descriptor, read.value));
        const back = fromProtobuf(descriptor, toProtobuf(descriptor, read.value));
        expect(back).toEqual(read);
      }),
      { numRuns: 2000, interruptAfterTimeLimit: 4000, markInterruptAsFailure: false },
    );
  });

  it("as Protocol Buffers, cut off or with other bytes: refused, or read", () => {
    const places = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(...golden),
        places,
        fc.nat(),
        ({ descriptor, text }, bytes, cut) => {
          const read = parseJson(descriptor, text);
          if (!read.ok) return;
          const whole = toProtobuf(descriptor, read.value);
          for (const [place, byte] of bytes)
            if (whole.length > 0) whole[place % whole.length] = byte;
          const end = cut % 3 === 0 ? cut % (whole.length + 1) : whole.length;
          const result = fromProtobuf(descriptor, whole.subarray(0, end));
          if (result.ok) expect(() => toJson(descriptor, result.value)).not.toThrow();
        },
      ),
      { numRuns: 2000, interruptAfterTimeLimit: 4000, markInterruptAsFailure: false },
    );
  });
});
