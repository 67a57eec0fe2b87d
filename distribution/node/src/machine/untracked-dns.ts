import { execFile } from "node:child_process";
import { isIPv4 } from "node:net";

/** What is not to be tracked. */
export interface UntrackedDns {
  /** Where this machine's DNS answers. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** An nft that hangs is given up after this. */
const nftTimeoutMs = 10_000;

/**
 * The packet filter's text: questions to this machine's DNS and its answers make no entries in the table of connections.
 * Each client's question comes from a port of its own, and an entry lives 30 s, so a flood of questions would fill the table
 * that virtual IPs need. The table is made anew, whatever was there.
 */
export function formatUntrackedDns({ addresses, port }: UntrackedDns): string {
  const set = `{ ${addresses.filter((address) => isIPv4(address)).join(", ")} }`;
  const rules = [
    `    ip daddr ${set} udp dport ${String(port)} notrack`,
    `    ip saddr ${set} udp sport ${String(port)} notrack`,
  ];
  return [
    "table ip tutti_dns",
    "delete table ip tutti_dns",
    "table ip tutti_dns {",
    "  chain prerouting {",
    "    type filter hook prerouting priority raw; policy accept;",
    ...rules,
    "  }",
    "  chain output {",
    "    type filter hook output priority raw; policy accept;",
    ...rules,
    "  }",
    "}",
    "",
  ].join("\n");
}

/**
 * Tells the kernel; done when it holds. What nft refuses is reported, no more: DNS answers all the same. `prefix` stands
 * before `nft`, to reach another network namespace.
 */
export async function leaveDnsUntracked(
  dns: UntrackedDns,
  report: (line: string) => void,
  prefix: readonly string[] = [],
): Promise<void> {
  if (!dns.addresses.some((address) => isIPv4(address))) return;
  const [command, ...args] = [...prefix, "nft", "-f", "-"];
  await new Promise<void>((resolve) => {
    const child = execFile(command, args, { timeout: nftTimeoutMs }, (error) => {
      if (error !== null) report(`DNS stays in the table of connections: ${error.message.trim()}`);
      resolve();
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(formatUntrackedDns(dns));
  });
}

/**
 * What the kernel says of the table, in nft's words; undefined when it has none. Read just after it was told, it is what
 * must be there from then on: each nft has words of its own for the same rules.
 */
export async function readUntrackedDns(
  prefix: readonly string[] = [],
): Promise<string | undefined> {
  const [command, ...args] = [...prefix, "nft", "list", "table", "ip", "tutti_dns"];
  return new Promise((resolve) => {
    execFile(command, args, { timeout: nftTimeoutMs }, (error, said) => {
      resolve(error === null ? said : undefined);
    });
  });
}

/**
 * Tells the kernel again what is not as it was `made` any more (hooks, priorities, policies, rules), with one line of the
 * log. A refusal was reported at the start, and is not again. Answers what is there now.
 */
export async function keepDnsUntracked(
  dns: UntrackedDns,
  made: string | undefined,
  report: (line: string) => void,
  prefix: readonly string[] = [],
): Promise<string | undefined> {
  if (!dns.addresses.some((address) => isIPv4(address))) return undefined;
  if (made !== undefined && (await readUntrackedDns(prefix)) === made) return made;
  const refusals: string[] = [];
  await leaveDnsUntracked(dns, (line) => void refusals.push(line), prefix);
  if (refusals.length > 0) return undefined;
  report("DNS was in the table of connections again: its rules are made anew");
  return readUntrackedDns(prefix);
}
