/** Bounds of the forwarder. */
export const limits = {
  /** Name servers that the C library takes from resolv.conf. */
  nameServersMax: 3,
  /** Search domains that the C library took before version 2.26. */
  searchDomainsMax: 6,
  /** Of records that are ours (DC/OS: 5). */
  ttlSeconds: 5,
  /** How long "no such name" in our zones may be kept (dcos-net: 1). */
  negativeTtlSeconds: 1,
  /** `zk-1.zk` to `zk-5.zk`, as in DC/OS. */
  zkNames: 5,
  /** Addresses of one answer. */
  answerAddressesMax: 1000,

  /** Upstreams of one zone that are asked at once; more are left out. */
  upstreamsAskedMax: 4,
  /** A first datagram may be lost: then another is sent, and then it is enough. */
  firstAttemptMs: 1500,
  secondAttemptMs: 2500,
  /** For an answer that did not fit a datagram, over TCP. */
  tcpAttemptMs: 2500,
  /** Questions that are being asked; over it: SERVFAIL at once. */
  flightsMax: 1024,
  /** Of one client. */
  flightsPerClientMax: 256,
  /** Clients that wait for the same answer. */
  waitersPerFlightMax: 256,

  /** So many messages within so long are too much for one thread. */
  busyMessages: 10_000,
  busyMs: 500,
  /** Threads that answer, with the first, where nobody says how many. */
  threadsMax: 4,
  /** Queries of another thread that wait for the first. */
  threadWaitingMax: 4096,

  /** Answers of others that are kept. */
  keptAnswersMax: 10_000,
  keptBytesMax: 16 * 1024 * 1024,
  /** However long others say it is good. */
  keptSecondsMax: 3600,
  keptNegativeSecondsMax: 300,
  /** A failure of all upstreams (RFC 2308 §7.1). */
  keptFailureSeconds: 1,
} as const;
