import { Fault } from "@tutti/base";
import { httpRequest } from "./client.ts";
import { RecordDecoder } from "./recordio.ts";
import type { ClientRequest, ClientResponse } from "./types.ts";

/** A request whose answer is a RecordIO stream. */
export interface RecordStreamRequest extends Omit<ClientRequest, "bodyTimeoutMs" | "dedicated"> {
  /** A stream that brings no byte for so long throws TIMEOUT; 0 = no bound. */
  readonly idleTimeoutMs: number;
  readonly recordBytesMax?: number;
}

/** The answer: its records when the status is 200, its text when it is a refusal. */
export interface RecordStream extends ClientResponse {
  /** Records as they come, until the server ends the stream. Leaving the loop drops the connection. */
  records(): AsyncIterable<Uint8Array>;
}

/**
 * Opens a stream on a connection of its own. Opening throws the faults of `httpRequest`; reading
 * throws them too, and BAD_RECORD for a bad length, a record over the bound or one cut off.
 */
export async function openRecordStream(request: RecordStreamRequest): Promise<RecordStream> {
  const response = await httpRequest({
    ...request,
    dedicated: true,
    bodyTimeoutMs: request.idleTimeoutMs,
  });
  return { ...response, records: () => readRecords(request, response) };
}

async function* readRecords(
  request: RecordStreamRequest,
  response: ClientResponse,
): AsyncGenerator<Uint8Array> {
  const decoder = new RecordDecoder(request.recordBytesMax);
  for await (const chunk of response.stream()) {
    const result = decoder.push(chunk);
    if (!result.ok) throw badRecord(`${request.url}: ${result.error.message}`);
    yield* result.value;
  }
  if (!decoder.isBetweenRecords) throw badRecord(`${request.url} ended in the middle of a record.`);
}

function badRecord(message: string): Fault {
  return new Fault("BAD_RECORD", message, { retryable: true });
}
