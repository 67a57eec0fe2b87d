/** An address, never a name, and a port. */
export interface Endpoint {
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
}

/** Whoever sent a message. */
export interface Client {
  readonly transport: "udp" | "tcp";
  readonly address: string;
  /** Sends one message back; ignored when the client is gone. */
  reply(message: Uint8Array): void;
}

/** A listening server. */
export interface DnsServer {
  readonly endpoint: Endpoint;
  /** TCP connections now. */
  readonly connectionCount: number;
  close(): Promise<void>;
}

export interface DnsServerOptions extends Endpoint {
  /** Told each message. It must not throw, and replies at once or later. */
  readonly receive: (message: Uint8Array, from: Client) => void;
  /** Several sockets, of threads of this process, share the port; the system spreads clients over them. */
  readonly sharePort?: boolean;
  /** Serve datagrams only. */
  readonly udpOnly?: boolean;
}
