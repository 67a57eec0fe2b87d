import packet from "dns-packet";
import { startDnsServer, type Client, type DnsServer } from "@tutti/dns-sockets";

/** What an upstream of the tests says to a question; undefined: nothing. */
export type Say = (query: packet.Packet, from: Client) => packet.Packet | undefined;

/** A DNS server of somebody else, that says what a test wants and remembers what it was asked. */
export interface TestUpstream {
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly asked: packet.Packet[];
  readonly clients: Client[];
  close(): Promise<void>;
}

/** Starts one on a free port of loopback, with the public library dns-packet. */
export async function startUpstream(say: Say): Promise<TestUpstream> {
  const asked: packet.Packet[] = [];
  const clients: Client[] = [];
  const server: DnsServer = await startDnsServer({
    address: "127.0.0.1",
    port: 0,
    receive: (message, from) => {
      const query = packet.decode(Buffer.from(message));
      asked.push(query);
      clients.push(from);
      const answer = say(query, from);
      if (answer !== undefined) from.reply(packet.encode(answer));
    },
  });
  return { endpoint: server.endpoint, asked, clients, close: () => server.close() };
}

/** An answer to `query` with these records, and a code. */
export function answerTo(
  query: packet.Packet,
  answers: packet.Answer[],
  more: {
    readonly rcode?: number;
    readonly flags?: number;
    readonly authorities?: packet.Answer[];
  } = {},
): packet.Packet {
  return {
    type: "response",
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: 0x0180 | (more.rcode ?? 0) | (more.flags ?? 0),
    questions: query.questions ?? [],
    answers,
    authorities: more.authorities ?? [],
  };
}

/** An A record. */
export function addressRecord(name: string, data: string, ttl = 60): packet.Answer {
  return { name, type: "A", ttl, data };
}

/** A SOA record that lets "no" be kept so long. */
export function soaRecord(name: string, minimum: number): packet.Answer {
  const soa = {
    mname: "ns.x",
    rname: "root.x",
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum,
  };
  return { name, type: "SOA", ttl: minimum, data: soa };
}
