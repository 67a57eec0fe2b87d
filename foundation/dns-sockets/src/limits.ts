/** Bounds of sockets. */
export const limits = {
  /** TCP connections of one server at a time; when one more comes, another goes. */
  tcpConnectionsMax: 512,
  /** A query over TCP; real ones have less than 600 bytes. */
  tcpQueryBytesMax: 4096,
  /** A client from which, or to which, no whole message came for so long is cut (RFC 7766 §6.2.3: seconds). */
  tcpIdleMs: 10_000,
  /** What may wait for a client that does not read. */
  tcpBufferedBytesMax: 1_048_576,
  /** A message (RFC 1035: its length has two bytes). */
  messageBytesMax: 65_535,
  /** What the system may hold of datagrams that come faster than they are read. */
  datagramBufferBytes: 4 * 1_048_576,
  /** Attempts to find a port that is free for UDP and TCP. */
  freePortAttemptsMax: 20,
} as const;
