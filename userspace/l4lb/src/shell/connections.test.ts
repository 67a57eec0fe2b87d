import { describe, expect, it } from "vitest";
import { hasNotEnded, translated } from "./connections.ts";
import { readBlocks } from "./table-text.ts";

describe("what the tools print", () => {
  it.each([
    [
      "tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=11.0.0.1 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=9000 dport=40000 [ASSURED] mark=0 use=1",
      "tcp 11.0.0.1 80 > 10.0.0.2 9000",
    ],
    [
      "udp      17 28 src=fd97::1 dst=fd01:c::1 sport=1000 dport=53 [UNREPLIED] src=fd97::2 dst=fd97::1 sport=5000 dport=1000 mark=8388608 use=1",
      "udp fd01:c::1 53 > fd97::2 5000",
    ],
    [
      "tcp      6 119 TIME_WAIT src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=40000 [ASSURED] mark=0 use=1",
      undefined,
    ],
    [
      "icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=1 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=1 mark=0 use=1",
      undefined,
    ],
    [
      "ipv4     2 udp      17 29 src=10.0.0.1 dst=11.0.0.1 sport=40000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=9000 dport=40000 mark=0 zone=0 use=2",
      "udp 11.0.0.1 80 > 10.0.0.2 9000",
    ],
    [
      "ipv6     10 tcp      6 431999 ESTABLISHED src=fd97:0000:0000:0000:0000:0000:0000:0001 dst=fd01:000c:0000:0000:0000:0000:0000:0001 sport=1000 dport=53 src=fd97:0000:0000:0000:0000:0000:0000:0002 dst=fd97:0000:0000:0000:0000:0000:0000:0001 sport=5000 dport=1000 [ASSURED] mark=0 zone=0 use=2",
      "tcp fd01:c::1 53 > fd97::2 5000",
    ],
    ["", undefined],
  ])("[LB24] a line of conntrack, or of the kernel's file", (line, key) => {
    expect(translated(line)).toBe(key);
  });

  const rest =
    "src=10.0.0.1 dst=11.0.0.1 sport=1 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=9 dport=1";
  it.each([
    [`tcp      6 431999 ESTABLISHED ${rest} [ASSURED] mark=0 use=1`, true],
    [`tcp      6 119 FIN_WAIT ${rest} [ASSURED] mark=0 use=1`, true],
    [`tcp      6 119 TIME_WAIT ${rest} [ASSURED] mark=0 use=1`, false],
    [`ipv4     2 tcp      6 119 TIME_WAIT ${rest} [ASSURED] mark=0 zone=0 use=2`, false],
    [`ipv6     10 tcp      6 9 CLOSE ${rest} mark=0 zone=0 use=2`, false],
    [`tcp      6 59 CLOSE_WAIT ${rest} [ASSURED] mark=0 use=1`, true],
    [`udp      17 28 ${rest} mark=0 use=1`, true],
  ])("[LB24] a connection that has ended is not counted: %s", (line, isCounted) => {
    expect(hasNotEnded(line)).toBe(isCounted);
  });

  it("[LB15] the shape of a table", () => {
    const text = [
      "table ip tutti_vip {",
      "\tset owned {",
      "\t\ttype ipv4_addr",
      "\t\tflags interval",
      "\t}",
      "",
      "\tchain dispatch {",
      "\t\tip daddr . meta l4proto . th dport @vips_1 jump class_1",
      "\t}",
      "",
      "\tchain output {",
      "\t\ttype nat hook output priority -100; policy accept;",
      "\t\tjump dispatch",
      "\t\tjump dispatch",
      "\t}",
    ].join("\n");
    expect([...readBlocks(text)]).toEqual([
      ["", []],
      ["owned", ["type ipv4_addr", "flags interval"]],
      ["dispatch", ["ip daddr . meta l4proto . th dport @vips_1 jump class_1"]],
      [
        "output",
        ["type nat hook output priority -100; policy accept;", "jump dispatch", "jump dispatch"],
      ],
    ]);
  });
});
