import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { taskHash } from "./task-hash.ts";

test("[MDN3] the hash is that of Mesos-DNS", () => {
  // From the public tests of Mesos-DNS.
  expect(taskHash("test")).toBe("iffe9");
});

test("[MDN3] the hash is the first 25 bits of SHA-1, whatever the id", () => {
  const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769";
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: "binary" }), (id) => {
      const well = id.toWellFormed();
      const bits = createHash("sha1").update(well).digest().readUInt32BE(0) >>> 7;
      const expected = [20, 15, 10, 5, 0].map((shift) => alphabet[(bits >>> shift) & 31]).join("");
      expect(taskHash(well)).toBe(expected);
    }),
  );
});
