import { networkInterfaces } from "node:os";
import { nodeProcessRunner } from "@tutti/ports/node";

/** Where names are answered on every machine; nobody else has an address of this range (RFC 5737). */
const ownRange = "198.51.100.";

/** A tool that hangs is given up after this. */
const toolTimeoutMs = 10_000;

/**
 * Puts those of `addresses` that are the DNS's own (198.51.100.0/24) back on `lo` where no link has them, and says so;
 * sockets that are bound to them answer again. Other addresses belong to the machine, and are its own affair. `prefix`
 * stands before `ip`, to reach another network namespace. Where this process sees them all, `ip` is not asked.
 */
export async function restoreOwnAddresses(
  addresses: readonly string[],
  report: (line: string) => void,
  prefix: readonly string[] = [],
  seen: () => readonly string[] = prefix.length === 0 ? addressesHere : () => [],
): Promise<void> {
  const own = addresses.filter((address) => address.startsWith(ownRange));
  const present = new Set(own.length === 0 ? [] : seen());
  if (own.every((address) => present.has(address))) return;
  const options = { timeoutMs: toolTimeoutMs };
  const shown = await nodeProcessRunner.run([...prefix, "ip", "-o", "addr", "show"], options);
  if (shown.exitCode !== 0) return;
  const missing = own.filter((address) => !shown.stdout.includes(` ${address}/`));
  for (const address of missing) {
    const add = [...prefix, "ip", "addr", "add", `${address}/32`, "dev", "lo"];
    const { exitCode, stderr } = await nodeProcessRunner.run(add, options);
    report(
      exitCode === 0
        ? `${address} was not there any more: it is on lo again`
        : `${address} is not there, and cannot be put on lo: ${stderr.trim()}`,
    );
  }
}

/** Addresses of links that are up, in this process's network namespace. */
function addressesHere(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((link = []) =>
    link.map(({ address }) => address),
  );
}
