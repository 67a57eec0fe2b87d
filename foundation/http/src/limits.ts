/** Bounds of the server and of the client. */
export const limits = {
  /** Body of a request, where its route says nothing. */
  bodyBytesMaxDefault: 1024 * 1024,
  /** All header lines of a request together; more is 431. */
  headerBytesMax: 16 * 1024,
  /** Header lines of a request; more is 431. */
  headerCountMax: 100,
  /** Until a client has sent the head of its request. */
  headersTimeoutMs: 10_000,
  /** Until a client has sent its whole request. */
  requestTimeoutMs: 60_000,
  /** How often the two are checked. */
  timeoutCheckIntervalMs: 1000,
  /** An idle connection of a client is closed after this. */
  keepAliveTimeoutMs: 65_000,
  connectionsMax: 8192,
  /** Requests of one connection that wait for the answer before theirs; beyond it the connection is cut. */
  pipelinedRequestsMax: 256,
  /** What a stream may buffer, beyond its largest chunk, where its route says nothing. */
  streamBufferedBytesMaxDefault: 8 * 1024 * 1024,
  /** A refused body is read and dropped so far and so long, that the client can read the refusal. */
  lingerBytesMax: 4 * 1024 * 1024,
  lingerMs: 1000,
  /** Smaller answers are not compressed. */
  gzipBytesMin: 1400,
  /** How long `close` waits for requests in flight. */
  closeGraceMs: 5000,
  clientHeadTimeoutMs: 30_000,
  clientBodyTimeoutMs: 30_000,
  clientBodyBytesMax: 256 * 1024 * 1024,
  clientSocketsPerOriginMax: 64,
  clientFreeSocketsPerOriginMax: 16,
  /** Shorter than any server's keep-alive, so that a kept connection is rarely a dead one. */
  clientFreeSocketTimeoutMs: 4000,
  /** One record of a RecordIO stream, where the caller says nothing. */
  recordBytesMax: 256 * 1024 * 1024,
  /** A listing that is sent piece by piece waits while so much is unsent, looks again after so long … */
  piecesBufferedBytesMax: 256 * 1024,
  piecesPauseMs: 5,
  /** … and is written in chunks of about so many characters. */
  pieceChunkLength: 32 * 1024,
} as const;
