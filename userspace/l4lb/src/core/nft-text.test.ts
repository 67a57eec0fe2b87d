import { describe, expect, it } from "vitest";
import { vipFact } from "../testing/facts.ts";
import { Dataplane } from "./dataplane.ts";
import { formatRemoval, formatTransaction } from "./nft-text.ts";
import { vipOf } from "./vip.ts";
import type { Vip } from "./vip.ts";

function vip(address: string, port: number, backends: readonly (readonly [string, number])[]): Vip {
  const read = vipOf(vipFact(address, port, backends));
  if (read === undefined) throw new Error(address);
  return read;
}

function dataplane(): Dataplane {
  return new Dataplane(
    ({ address }) =>
      address.startsWith("11.") ? "range" : address.startsWith("10.") ? "port" : "address",
    { 4: ["11.0.0.0/8"], 6: [] },
  );
}

describe("the language of nft", () => {
  it("[LB5] a change is one batch: removals, then slots, then the VIP in its class", () => {
    const plane = dataplane();
    plane.replace([vip("11.0.0.1", 80, [["10.0.0.1", 1]])], [4]);
    const two = plane.change(
      [
        vip("11.0.0.1", 80, [
          ["10.0.0.1", 1],
          ["10.0.0.2", 1],
        ]),
      ],
      [],
    );
    expect(
      formatTransaction("t", two).replace(/(\. 1 : [^,]+,).*(, [^,]+\. 15 : )/, "$1 …$2"),
    ).toBe(
      [
        "add set ip t vips_16 { typeof ip daddr . meta l4proto . th dport; }",
        "add map ip t slots_16 { typeof ip daddr . meta l4proto . th dport . numgen inc mod 16 : ip daddr . th dport; }",
        "add chain ip t seal_class_16",
        "add chain ip t class_16",
        "add rule ip t class_16 dnat ip to ip daddr . meta l4proto . th dport . numgen inc mod 16 map @slots_16",
        "add rule ip t class_16 meta l4proto 255 jump seal_class_16",
        "add rule ip t dispatch ip daddr . meta l4proto . th dport @vips_16 jump class_16",
        "delete element ip t vips_1 { 11.0.0.1 . tcp . 80 }",
        "delete element ip t slots_1 { 11.0.0.1 . tcp . 80 }",
        "add element ip t slots_16 { 11.0.0.1 . tcp . 80 . 0 : 10.0.0.1 . 1, 11.0.0.1 . tcp . 80 . 1 : 10.0.0.2 . 1, …, 11.0.0.1 . tcp . 80 . 15 : 10.0.0.1 . 1 }",
        "add element ip t vips_16 { 11.0.0.1 . tcp . 80 }",
        "",
      ].join("\n"),
    );
  });

  it("[LB4] what does not change is not said", () => {
    const plane = dataplane();
    const three = [
      ["10.0.0.1", 1],
      ["10.0.0.2", 1],
      ["10.0.0.3", 1],
    ] as const;
    plane.replace([vip("11.0.0.1", 80, three)], [4]);
    expect(formatTransaction("t", plane.change([vip("11.0.0.1", 80, three)], []))).toBe("");
  });

  it("[LB11] [LB12] addresses outside of the ranges are owned, or refused port by port", () => {
    const plane = dataplane();
    plane.replace([], [4]);
    const text = formatTransaction(
      "t",
      plane.change([vip("7.7.7.7", 80, []), vip("10.1.1.1", 80, [])], []),
    );
    expect(text).toBe(
      "add element ip t idle { 10.1.1.1 . tcp . 80 }\nadd element ip t owned { 7.7.7.7 }\n",
    );
    const back = plane.change([], ["7.7.7.7 . tcp . 80", "10.1.1.1 . tcp . 80"]);
    expect(formatTransaction("t", back)).toBe(
      "delete element ip t idle { 10.1.1.1 . tcp . 80 }\ndelete element ip t owned { 7.7.7.7 }\n",
    );
  });

  it("[LB29] whole tables of both families are one text, and each set is filled by one statement", () => {
    const many = Array.from({ length: 20_000 }, (_u, index) =>
      vip(`11.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`, 80, [["10.0.0.1", 1]]),
    );
    const text = formatTransaction("t", dataplane().replace(many, [4, 6]));
    const statements = text.split("\n").filter((line) => line.startsWith("add element"));
    expect(statements.map((line) => line.slice(0, line.indexOf(" {")))).toEqual(
      ["slots_1", "vips_1", "owned"].map((set) => `add element ip t ${set}`),
    );
    expect(statements.map((line) => line.split(", ").length)).toEqual([20_000, 20_000, 1]);
    expect(text.match(/^delete table .*$/gm)).toEqual(["delete table ip t", "delete table ip6 t"]);
  });

  it("[LB34] who misses in one hook of translation comes to another, with rules of its own, before it is refused", () => {
    const text = formatTransaction("t", dataplane().replace([], [4]));
    for (const hook of ["prerouting", "output"]) {
      const hooks = text.matchAll(
        new RegExp(
          `type (nat|filter) hook ${hook} priority (-\\d+); policy accept;\\n([^}]*)`,
          "g",
        ),
      );
      const inOrder = [...hooks].toSorted((a, b) => Number(a[2]) - Number(b[2]));
      expect(inOrder.map(([, type]) => type)).toEqual(["nat", "nat", "filter"]);
      const jumps = inOrder.map(([, , , rules]) => rules?.match(/jump dispatch/g)?.length ?? 0);
      expect(jumps).toEqual([1, 2, 0]);
    }
  });

  it("[LB18] a removal succeeds whether or not the tables are there", () => {
    expect(formatRemoval("t", [4, 6])).toBe(
      "table ip t {}\ndelete table ip t\ntable ip6 t {}\ndelete table ip6 t\n",
    );
  });
});
