import { bodyOf } from "../recordings/exchanges.ts";
import type { GoldenExchange } from "../recordings/exchanges.ts";
import type { RawRequest, RawResponse } from "./http-world.ts";

/** Sends what was recorded; ids have been translated. */
export function replay(
  peer: { send(request: RawRequest): Promise<RawResponse> },
  exchange: GoldenExchange,
): Promise<RawResponse> {
  const { method, path, headers } = exchange.request;
  const body = bodyOf(exchange);
  return peer.send({ method, path, headers, ...(body === undefined ? {} : { body }) });
}
