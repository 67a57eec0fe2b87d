import type { Client } from "@tutti/dns-sockets";
import type { ResolveOthers } from "./options.ts";

/** Queries about names outside the zone. */
export interface OthersTally {
  queryCount: number;
  /** Of these: the resolver had no answer at all. */
  failureCount: number;
}

/** Has a query answered that is not about the zone, and passes the answer on; `failure` when there is none. */
export async function answerOther(
  query: Uint8Array,
  client: Client,
  told: {
    readonly resolve: ResolveOthers;
    readonly failure: Uint8Array;
    readonly tally: OthersTally;
  },
): Promise<void> {
  told.tally.queryCount += 1;
  let answer: Uint8Array | undefined;
  try {
    answer = await told.resolve(query, client);
  } catch {
    // Whatever went wrong, the client is told that there is no answer.
  }
  if (answer === undefined) told.tally.failureCount += 1;
  client.reply(answer ?? told.failure);
}
