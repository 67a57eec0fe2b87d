import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PeerAnswer, PeerOrder } from "./peer.ts";

/** A process in a namespace that listens and connects as it is told. */
export interface Peer {
  ask(order: PeerOrder): Promise<PeerAnswer>;
}

/** A machine of a test: a network namespace with an address on the test's own switch. */
export interface TestMachine {
  readonly name: string;
  /** `10.97.0.N`. */
  readonly address: string;
  /** `fd97::N`. */
  readonly addressV6: string;
  /** What stands before a command to run it there. */
  readonly prefix: readonly string[];
  /** Runs a command there to its end; throws when it fails. */
  run(argv: readonly string[], stdin?: string): string;
  /** Starts a peer there. */
  peer(): Peer;
}

/** Network namespaces of one test, joined by a bridge in a namespace of its own. */
export class TestNetwork {
  readonly #id: string;
  readonly #names: string[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #atExit = (): void => this.close();
  #count = 0;

  /** `id` keeps the names of tests apart that run at once: a few letters. */
  constructor(id: string) {
    this.#id = `l4${id}${process.pid % 100_000}`;
    process.on("exit", this.#atExit);
    this.#namespace("sw");
    this.#ip(["-n", `${this.#id}sw`, "link", "add", "br0", "type", "bridge"]);
    this.#ip(["-n", `${this.#id}sw`, "link", "set", "br0", "up"]);
  }

  /** Adds a machine to the switch. Nothing leads out of it. */
  machine(): TestMachine {
    this.#count += 1;
    const name = this.#namespace(`m${this.#count}`);
    const address = `10.97.0.${this.#count}`;
    const addressV6 = `fd97::${this.#count}`;
    this.#join(name, `${this.#id}sw`, "br0", "eth0");
    this.#batch(name, [
      "link set lo up",
      `addr add ${address}/24 dev eth0`,
      `addr add ${addressV6}/64 dev eth0 nodad`,
      "link set eth0 up",
      "route add unreachable 11.0.0.0/8 metric 4294967295",
    ]);
    return this.#machineOf(name, address, addressV6);
  }

  /** Adds containers to a machine: namespaces on a bridge of it, 172.30.0.0/24, which it forwards and masquerades. */
  containers(host: TestMachine, count: number): readonly TestMachine[] {
    this.#batch(host.name, ["link add cni0 type bridge", "addr add 172.30.0.1/24 dev cni0"]);
    this.#batch(host.name, ["link set cni0 up"]);
    host.run(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
    host.run(
      ["nft", "-f", "-"],
      "table ip containers { chain post { type nat hook postrouting priority srcnat; policy accept;\n" +
        "ip saddr 172.30.0.0/24 ip daddr != 172.30.0.0/24 masquerade\n}\n}\n",
    );
    return Array.from({ length: count }, (_unused, index) => {
      const name = this.#namespace(`c${index + 1}`);
      const address = `172.30.0.${index + 10}`;
      this.#join(name, host.name, "cni0", "eth0");
      // As the CNI plugin does with `hairpinMode`: where the bridge's packets pass through the hooks of IP, one that
      // is translated to its sender leaves by the port it came from.
      const port = ["link", "set", cableOf(name), "type", "bridge_slave", "hairpin", "on"];
      this.#ip(["-n", host.name, ...port]);
      this.#batch(name, [
        "link set lo up",
        `addr add ${address}/24 dev eth0`,
        "link set eth0 up",
        "route add default via 172.30.0.1",
      ]);
      return this.#machineOf(name, address, "");
    });
  }

  /** Ends peers and removes namespaces; whatever is in them goes with them. */
  close(): void {
    process.off("exit", this.#atExit);
    for (const child of this.#children.splice(0)) child.kill("SIGKILL");
    for (const name of this.#names.splice(0).toReversed()) {
      try {
        this.#ip(["netns", "del", name]);
      } catch {
        // The others are to be removed all the same.
      }
    }
  }

  #machineOf(name: string, address: string, addressV6: string): TestMachine {
    const prefix = ["nsenter", `--net=/run/netns/${name}`];
    return {
      name,
      address,
      addressV6,
      prefix,
      run: (argv, stdin = "") => {
        const [command = "", ...args] = [...prefix, ...argv];
        return execFileSync(command, args, {
          input: stdin,
          encoding: "utf8",
          stdio: ["pipe", "pipe", "pipe"],
          maxBuffer: 1 << 28,
        });
      },
      peer: () => this.#peer(prefix),
    };
  }

  #peer(prefix: readonly string[]): Peer {
    const script = fileURLToPath(new URL("peer.ts", import.meta.url));
    const [command = "", ...args] = prefix;
    const child = spawn(command, [...args, process.execPath, script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    const waiting = new Map<number, (answer: PeerAnswer) => void>();
    // It may have ended before us: its end is the answer.
    child.stdin.on("error", () => undefined);
    child.on("exit", () => {
      for (const answer of waiting.values()) answer({ counts: { PEER_ENDED: 1 }, tookMs: 0 });
      waiting.clear();
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, answer } = JSON.parse(line) as { readonly id: number; answer: PeerAnswer };
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    let id = 0;
    return {
      ask: (order) =>
        new Promise((resolve) => {
          id += 1;
          waiting.set(id, resolve);
          child.stdin.write(`${JSON.stringify({ id, order })}\n`);
        }),
    };
  }

  #namespace(suffix: string): string {
    const name = `${this.#id}${suffix}`;
    this.#ip(["netns", "add", name]);
    this.#names.push(name);
    return name;
  }

  /** A cable from `device` in one namespace to a bridge in another. */
  #join(name: string, bridgeAt: string, bridge: string, device: string): void {
    const cable = cableOf(name);
    this.#ip([
      ...["-n", bridgeAt, "link", "add", cable, "type", "veth", "peer", "name", device],
      ...["netns", name],
    ]);
    this.#ip(["-n", bridgeAt, "link", "set", cable, "master", bridge, "up"]);
  }

  #batch(name: string, lines: readonly string[]): void {
    execFileSync("ip", ["-n", name, "-batch", "-"], { input: `${lines.join("\n")}\n` });
  }

  #ip(args: readonly string[]): void {
    execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
  }
}

function cableOf(name: string): string {
  return `${name}x`.slice(-15);
}
