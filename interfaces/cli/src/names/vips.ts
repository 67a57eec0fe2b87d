import { ok } from "@tutti/base";
import { agentAddress } from "@tutti/marathon-v2";
import { readAgents } from "../agents.ts";
import { limits } from "../limits.ts";
import { type Outcome, refused } from "../refusal.ts";
import type { Service } from "../service.ts";
import type { Session } from "../session.ts";

/** A backend of a virtual IP; `connections` are those of all machines that were asked. */
export interface VipBackend {
  readonly address: string;
  readonly port: number;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly taskId: string;
  readonly connections: number;
}

/** A virtual IP: an address and port that lead to backends. */
export interface Vip {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  /** Full names; empty for one that is given by its address. */
  readonly names: readonly string[];
  readonly backends: readonly VipBackend[];
}

/** What `/v1/vips/detail` of a machine answers. */
interface VipDetail {
  readonly available: boolean;
  readonly reason?: string;
  readonly vips: readonly Vip[];
}

/** All virtual IPs, and who could not tell how many connections it has. */
export interface VipList {
  readonly vips: readonly Vip[];
  readonly silent: readonly string[];
  /** Why the master's machine does not serve them itself. */
  readonly unavailable: string | undefined;
}

/** The virtual IPs as the master's machine knows them; connections are counted on every machine. */
export async function readVips(session: Session): Promise<Outcome<VipList>> {
  const [own, agents] = await Promise.all([
    session.node.call<VipDetail>({ path }),
    readAgents(session),
  ]);
  if (!own.ok) return own.error.code === "NOT_FOUND" ? notServed : own;
  const others = (agents.ok ? agents.value : []).filter(({ active }) => active).map(agentAddress);
  const asked = others.slice(0, limits.vipMachinesMax);
  const answers = await inBatches(asked, async ({ ip }) => ({
    ip,
    answer: await nodeOn(session, ip).call<VipDetail>({ path, timeoutMs: limits.vipMachineMs }),
  }));
  const counts = new Map<string, number>();
  count(counts, own.value.vips);
  for (const { answer } of answers) if (answer.ok) count(counts, answer.value.vips);
  const { reason } = own.value;
  return ok({
    vips: own.value.vips
      .map((vip) => withCounts(vip, counts))
      .toSorted((left, right) => (labelOf(left) < labelOf(right) ? -1 : 1)),
    silent: answers.flatMap(({ ip, answer }) => (answer.ok ? [] : [ip])),
    unavailable: own.value.available ? undefined : (reason ?? "it does not say why"),
  });
}

const path = "/v1/vips/detail";

const notServed = refused("REFUSED", "This cluster serves no virtual IPs.", {
  hint: "They change the machines' network, which needs root: a cluster that root starts has them.",
});

/** The `node` process of another machine: it listens on the port of the master's. */
function nodeOn(session: Session, ip: string): Service {
  const { port } = new URL(session.node.url);
  const host = ip.includes(":") ? `[${ip}]` : ip;
  return session.service(`The node process of ${ip}`, `http://${host}:${port}`);
}

async function inBatches<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += limits.topInFlightMax) {
    const batch = items.slice(at, at + limits.topInFlightMax);
    answers.push(...(await Promise.all(batch.map(ask))));
  }
  return answers;
}

function count(counts: Map<string, number>, vips: readonly Vip[]): void {
  for (const vip of vips) {
    for (const backend of vip.backends) {
      const key = keyOf(vip, backend);
      counts.set(key, (counts.get(key) ?? 0) + backend.connections);
    }
  }
}

function withCounts(vip: Vip, counts: ReadonlyMap<string, number>): Vip {
  const backends = vip.backends.map((backend) => ({
    ...backend,
    connections: counts.get(keyOf(vip, backend)) ?? 0,
  }));
  return { ...vip, backends };
}

function keyOf({ protocol, address, port }: Vip, backend: VipBackend): string {
  return `${protocol} ${address} ${String(port)} ${backend.address} ${String(backend.port)}`;
}

/** How people call it: `web.marathon.l4lb.thisdcos.directory:80`, else `1.2.3.4:80`. */
export function labelOf({ names, address, port }: Vip): string {
  return `${names[0] ?? hostOf(address)}:${String(port)}`;
}

/** An address as it stands before a port. */
export function hostOf(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** The zone below which virtual IPs have their names. */
export const vipZone = "l4lb.thisdcos.directory";

/**
 * Those that a user means by a name (whole, without the zone, or its first part alone) or an address, each with
 * or without a port. `/db:5432` is how a label says it.
 */
export function findVips(vips: readonly Vip[], text: string): readonly Vip[] {
  const [, host = "", port] = /^(\[[^\]]*\]|.*?)(?::(\d+))?$/.exec(text.toLowerCase()) ?? [];
  const wanted = host
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^\//, "")
    .replace(/\.$/, "");
  const onPort = vips.filter((vip) => port === undefined || vip.port === Number(port));
  const exact = onPort.filter(
    ({ address, names }) =>
      address === wanted ||
      names.some((name) => name === wanted || name === `${wanted}.${vipZone}`),
  );
  if (exact.length > 0) return exact;
  return onPort.filter(({ names }) => names.some((name) => name.startsWith(`${wanted}.`)));
}
