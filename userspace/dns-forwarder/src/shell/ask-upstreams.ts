import { Fault } from "@tutti/base";
import { encodeQuery, rcodes, scanAnswer, type Question, type ScannedAnswer } from "@tutti/dns";
import { askByTcp, askByUdp, type AskOptions } from "@tutti/dns-sockets";
import type { Random } from "@tutti/ports";
import type { Upstream } from "../core/forward-zones.ts";
import { limits } from "../core/limits.ts";
import type { UpstreamTallies } from "./upstream-tallies.ts";

/** What an upstream said, and that it is an answer to the question. */
export interface UpstreamAnswer {
  readonly bytes: Uint8Array;
  readonly scanned: ScannedAnswer;
}

/** A question to others. */
export interface Asking {
  readonly question: Question;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  readonly upstreams: readonly Upstream[];
}

/** What asking needs of the world. */
export interface AskingPorts {
  readonly random: Random;
  readonly monoMs: () => number;
  readonly tallies: UpstreamTallies;
}

/**
 * Asks all upstreams at once. The first that says yes or no wins, and the others are no longer waited for; failures count
 * only when there is nothing else: then the last of them, or undefined when nobody answered at all.
 */
export async function askUpstreams(
  asking: Asking,
  ports: AskingPorts,
): Promise<UpstreamAnswer | undefined> {
  const won = new AbortController();
  let bad: UpstreamAnswer | undefined;
  const asked = asking.upstreams.slice(0, limits.upstreamsAskedMax).map(async (upstream) => {
    const answer = await askOne(upstream, asking, ports, won.signal);
    if (isGood(answer)) return answer;
    bad = answer;
    throw new Fault("BAD_ANSWER", `rcode ${answer.scanned.rcode}`, { retryable: true });
  });
  try {
    return await Promise.any(asked);
  } catch {
    return bad;
  } finally {
    won.abort();
  }
}

function isGood({ scanned }: UpstreamAnswer): boolean {
  return scanned.rcode === rcodes.noError || scanned.rcode === rcodes.nxDomain;
}

/** An old server does not know what an OPT record is (RFC 6891 §7): it is asked again without. */
function isWithoutEdns({ scanned }: UpstreamAnswer): boolean {
  return scanned.rcode === rcodes.formErr || scanned.rcode === rcodes.notImp;
}

async function askOne(
  upstream: Upstream,
  asking: Asking,
  ports: AskingPorts,
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const startMonoMs = ports.monoMs();
  const attempt = async (
    transport: "udp" | "tcp",
    timeoutMs: number,
    edns = true,
  ): Promise<UpstreamAnswer> => {
    try {
      return await send(transport, { upstream, asking, ports, signal, timeoutMs, edns });
    } catch (error) {
      const code = error instanceof Fault ? error.code : "ERROR";
      if (code !== "ABORTED") ports.tallies.failed(upstream, transport, code);
      throw error;
    }
  };
  let answer: UpstreamAnswer;
  try {
    answer = await attempt("udp", limits.firstAttemptMs);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "TIMEOUT") throw error;
    answer = await attempt("udp", limits.secondAttemptMs);
  }
  const edns = !isWithoutEdns(answer);
  if (!edns) answer = await attempt("udp", limits.secondAttemptMs, edns);
  const isCut = answer.scanned.truncated;
  if (isCut) answer = await attempt("tcp", limits.tcpAttemptMs, edns);
  const protocol = isCut ? "tcp" : "udp";
  if (!isGood(answer)) ports.tallies.failed(upstream, protocol, `RCODE_${answer.scanned.rcode}`);
  ports.tallies.answered(upstream, protocol, ports.monoMs() - startMonoMs);
  return answer;
}

interface Sending {
  readonly upstream: Upstream;
  readonly asking: Asking;
  readonly ports: AskingPorts;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly edns: boolean;
}

/** One message with an id of its own; what comes back must have the id and the question. */
async function send(transport: "udp" | "tcp", sending: Sending): Promise<UpstreamAnswer> {
  const { asking, ports, upstream } = sending;
  const message = encodeQuery(asking.question, {
    id: ports.random.below(65_536),
    recursionDesired: true,
    checkingDisabled: asking.checkingDisabled,
    edns: sending.edns,
    dnssecOk: asking.dnssecOk,
  });
  if (message === undefined)
    throw new Fault("NAME", "no such name can be asked", { retryable: false });
  let scanned: ScannedAnswer | undefined;
  const options: AskOptions = {
    server: upstream,
    message,
    timeoutMs: sending.timeoutMs,
    signal: sending.signal,
    accept: (reply) => {
      scanned = isReplyTo(message, reply) ? scanAnswer(reply) : undefined;
      return scanned !== undefined;
    },
  };
  const bytes = await (transport === "udp" ? askByUdp(options) : askByTcp(options));
  if (scanned === undefined) throw new Fault("MALFORMED", "no answer", { retryable: true });
  return { bytes, scanned };
}

const HEADER_BYTES = 12;
const FIXED_BYTES = 5;

/** Whether `reply` is an answer with the id and, case aside, the question of `query`. */
function isReplyTo(query: Uint8Array, reply: Uint8Array): boolean {
  if (reply.length < HEADER_BYTES || ((reply[2] ?? 0) & 0x80) === 0) return false;
  if (query[0] !== reply[0] || query[1] !== reply[1]) return false;
  let at = HEADER_BYTES;
  while (query[at] !== 0) at += 1 + (query[at] ?? 0);
  const end = at + FIXED_BYTES;
  for (at = HEADER_BYTES; at < end; at += 1) {
    const code = reply[at] ?? 0;
    const isUpper = code >= 0x41 && code <= 0x5a;
    if ((isUpper ? code + 0x20 : code) !== query[at]) return false;
  }
  return true;
}
