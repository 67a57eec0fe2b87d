/** Bounds of messages and of the work that reading one may cost. */
export const limits = {
  /** A label, in bytes (RFC 1035). */
  labelBytesMax: 63,
  /** A name on the wire, in bytes, with its lengths and the root (RFC 1035). */
  nameBytesMax: 255,
  /** Pointers that are followed within one name; an honest name of 127 labels needs no more. */
  pointersPerNameMax: 127,
  /** A header. */
  headerBytes: 12,
  /** A datagram for a client that says nothing of itself (RFC 1035). */
  plainDatagramBytesMax: 512,
  /** A datagram to anybody: what passes common networks in one piece (DNS flag day 2020). */
  datagramBytesMax: 1232,
  /** A message over TCP, and any message at all. */
  messageBytesMax: 65_535,
  /** Records that are looked through in one message. */
  recordsPerMessageMax: 4096,
  /** Records beside the question that a query may carry. */
  queryRecordsMax: 8,
  /** Records that are written into one answer; more are left out, as if they did not fit. */
  answerRecordsMax: 4096,
  /** A string of a TXT record, in bytes. */
  textBytesMax: 255,
  /** Places for answers that are kept on the wire; a power of two. */
  keptAnswerPlaces: 65_536,
  /** Of all kept answers together; over it they are all forgotten. */
  keptAnswerBytesMax: 32 * 1024 * 1024,
  /** VIPs that the labels of one task name; labels without one count as one. */
  vipsPerTaskMax: 256,
  /** A name of a VIP as it is written. */
  vipNameUnitsMax: 253,
  /** Counters of a zone's stamps; a power of two. Two names that share one only forget each other's answers. */
  stampsPerZone: 65_536,
} as const;
