import packet from "dns-packet";
import { askByTcp, askByUdp } from "@tutti/dns-sockets";
import type { Clock } from "@tutti/ports";
import { cryptoRandom, systemClock } from "@tutti/ports/node";
import { openDnsForwarder } from "../open-dns-forwarder.ts";
import type { DnsForwarder, DnsForwarderOptions } from "../options.ts";

/** A clock that runs, and can be put forward. */
export class TestClock implements Clock {
  #aheadMs = 0;

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  monoMs(): number {
    return systemClock.monoMs() + this.#aheadMs;
  }

  wallMs(): number {
    return systemClock.wallMs() + this.#aheadMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    return systemClock.after(delayMs, fire);
  }
}

/** A forwarder on a free port of loopback. */
export async function openForwarder(
  options: Partial<DnsForwarderOptions> = {},
): Promise<DnsForwarder> {
  return openDnsForwarder({
    listen: [{ address: "127.0.0.1", port: 0 }],
    upstreams: [],
    tableAgeMs: () => 1500,
    version: "1.2.3",
    clock: systemClock,
    random: cryptoRandom,
    ...options,
  });
}

export interface Asked {
  readonly type?: packet.RecordType;
  readonly transport?: "udp" | "tcp";
  readonly edns?: number;
  readonly flags?: number;
}

/** An answer as dns-packet reads it, with its code. */
export type Answered = packet.DecodedPacket & { readonly code: number };

/** Asks the forwarder one question. */
export async function ask(
  forwarder: DnsForwarder,
  name: string,
  asked: Asked = {},
): Promise<Answered> {
  const [server] = forwarder.listening;
  if (server === undefined) throw new Error("the forwarder does not listen");
  const id = Math.floor(performance.now() * 7) & 0xffff;
  const opt = { type: "OPT", name: ".", udpPayloadSize: asked.edns, flags: 0, options: [] };
  const message = packet.encode({
    type: "query",
    id,
    flags: asked.flags ?? 0x0100,
    questions: [{ name, type: asked.type ?? "A", class: "IN" }],
    additionals: asked.edns === undefined ? [] : [opt as never],
  });
  const send = asked.transport === "tcp" ? askByTcp : askByUdp;
  const accept = (reply: Uint8Array): boolean => (reply[0] ?? 0) * 256 + (reply[1] ?? 0) === id;
  const reply = await send({ server, message, accept, timeoutMs: 60_000 });
  return { ...packet.decode(Buffer.from(reply)), code: (reply[3] ?? 0) & 15 };
}

/** The data of the answers. */
export function dataOf(answered: Answered): unknown[] {
  return (answered.answers ?? []).map((answer) => (answer as packet.StringAnswer).data);
}
