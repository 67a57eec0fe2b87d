import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { createInterface } from "node:readline";
import { setTimeout as rest } from "node:timers/promises";

// In the network of a machine: tells when a name is answered first, and when backends come into the kernel's maps and
// go. A line of its input is a name to ask for; it prints `WHAT NANOSECONDS` of the clock that all processes share.

const pollMs = 1;
const resolver = new Resolver({ timeout: 1000, tries: 1 });
resolver.setServers(["198.51.100.1"]);

function say(what: string): void {
  process.stdout.write(`${what} ${String(process.hrtime.bigint())}\n`);
}

async function watchName(name: string): Promise<void> {
  say(`asking ${name}`);
  for (;;) {
    const found = await resolver.resolve4(name).catch(() => []);
    if (found.length > 0) break;
    await rest(pollMs);
  }
  say(`named ${name}`);
}

const monitor = spawn("nft", ["monitor", "elements"], { stdio: ["ignore", "pipe", "inherit"] });
createInterface({ input: monitor.stdout }).on("line", (line) => {
  const verb = /^(add|delete) element ip tutti_vip slots_/.exec(line)?.[1];
  if (verb !== undefined) say(verb);
});
const input = createInterface({ input: process.stdin });
input.on("line", (name) => void watchName(name));
input.on("close", () => {
  monitor.kill("SIGKILL");
  process.exit(0);
});
