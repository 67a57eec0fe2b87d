import { describe, expect, it } from "vitest";
import { optionNames, parseArguments, parseUpOptions } from "./options.ts";

function upOptions(...args: string[]) {
  const parsed = parseArguments(args, optionNames.up);
  return parsed.ok ? parseUpOptions(parsed.value) : parsed;
}

describe("the options of up", () => {
  it("[MAC1] without any: two private agents, one public, a secret, a way out, the sample app", () => {
    expect(upOptions()).toEqual({
      ok: true,
      value: {
        agentCount: 2,
        publicAgentCount: 1,
        isolated: false,
        open: false,
        dnsForwardZones: [],
        dnsSearch: [],
        sample: true,
        json: false,
        given: new Set(),
      },
    });
  });

  it("[MAC1] every option, in both ways of writing", () => {
    const args = [
      "--agents",
      "5",
      "--public-agents=0",
      "--isolated",
      "--open",
      "--dns-forward=corp.example=10.0.0.1,[fd00::1]:5353; lab=10.0.0.3",
      "--dns-search",
      "corp.example,lab",
      "--no-sample",
      "--json",
    ];
    expect(upOptions(...args)).toEqual({
      ok: true,
      value: {
        agentCount: 5,
        publicAgentCount: 0,
        isolated: true,
        open: true,
        dnsForwardZones: ["corp.example=10.0.0.1,[fd00::1]:5353", "lab=10.0.0.3"],
        dnsSearch: ["corp.example", "lab"],
        sample: false,
        json: true,
        given: new Set([
          "--agents",
          "--public-agents",
          "--isolated",
          "--open",
          "--dns-forward",
          "--dns-search",
          "--no-sample",
          "--json",
        ]),
      },
    });
  });

  it.each([
    [["--agents", "minus-one"], /--agents must be a whole number from 0 to 200, not "minus-one"/],
    [["--agents", "-1"], /not "-1"/],
    [["--agents", "201"], /from 0 to 200/],
    [["--agents", "150", "--public-agents", "51"], /together must be 1 to 200, not 201/],
    [["--agents", "0", "--public-agents", "0"], /together must be 1 to 200, not 0/],
    [["--agents"], /--agents needs a value/],
    [["--agents", "--json"], /--agents needs a value/],
    [["--json=yes"], /--json takes no value/],
    [["--dns-forward", "corp.example"], /"corp.example" is not understood; it takes ZONE=ADDRESS/],
    [["--dns-search", "a b"], /"a b" is not understood; it takes domains/],
    [["--dns-search", "a,,b"], /"" is not understood/],
    [["--dns-search", "a,b,c,d,e,f,g"], /at most 6 domains/],
    [["--masters", "3"], /one master; several come with a later one/],
    [["--masters", "0"], /--masters must be a whole number from 1/],
    [["--agent", "2"], /unknown option --agent; known options: --agents/],
    [["two"], /unexpected argument two/],
  ])("[MAC2] %j is refused with what is wrong", (args, message) => {
    const result = upOptions(...args);
    expect(result.ok ? "" : result.error.message).toMatch(message);
  });
});
