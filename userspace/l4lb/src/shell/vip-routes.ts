import { createHash } from "node:crypto";
import type { VipFact } from "@tutti/discovery-v1";
import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { countKey } from "./connections.ts";
import type { ConnectionCounts } from "./connections.ts";

const zone = "l4lb.thisdcos.directory";

/** What the routes read. */
export interface VipSource {
  facts(): Iterable<VipFact>;
  /** Grows with every change of the table. */
  changeCount(): number;
  /** Why VIPs are not served here; absent when they are. */
  unavailable(): string | undefined;
  /** VIPs whose address is taken here, with what has it. */
  refused(): ReadonlyMap<string, string>;
  /** Connections as last counted; counts again when that is long ago. */
  connections(): Promise<ConnectionCounts>;
}

/**
 * `/v1/vips` as dcos-net answers it (`[{"vip":"name:port"|"ip:port","protocol","backend":[{"ip","port"}]}]` with an
 * ETag, one entry per name), and `/v1/vips/detail` for people: tasks, agents and connections of each backend.
 */
export function vipRoutes(source: VipSource): readonly Route[] {
  let cached:
    | { readonly changeCount: number; readonly body: string; readonly tag: string }
    | undefined;
  const list = (request: HttpRequest): HttpReply => {
    if (cached?.changeCount !== source.changeCount()) {
      const body = JSON.stringify([...source.facts()].flatMap(compatible));
      const tag = createHash("sha1").update(body).digest("base64");
      cached = { changeCount: source.changeCount(), body, tag };
    }
    const headers = { ETag: `"${cached.tag}"`, "Content-Type": "application/json" };
    return request.headers["if-none-match"] === headers.ETag
      ? { status: 304, headers }
      : { status: 200, headers, body: cached.body };
  };
  const detail = async (): Promise<HttpReply> => {
    const connections = await source.connections();
    const reason = source.unavailable();
    return jsonReply(200, {
      available: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      vips: [...source.facts()].map((fact) => detailed(fact, connections)),
      refused: [...source.refused()].map(([vip, what]) => ({
        vip,
        reason: `It is the address of ${what}.`,
      })),
    });
  };
  return [
    { path: "/v1/vips", methods: { GET: list } },
    { path: "/v1/vips/detail", methods: { GET: detail } },
  ];
}

function compatible(fact: VipFact): readonly unknown[] {
  const names = fact.names.length === 0 ? [fact.address] : fact.names.map((n) => `${n}.${zone}`);
  const backend = fact.backends.map(({ address, port }) => ({ ip: address, port }));
  return names.map((name) => ({ vip: `${name}:${fact.port}`, protocol: fact.protocol, backend }));
}

function detailed(fact: VipFact, connections: ConnectionCounts): unknown {
  const { address, port, protocol } = fact;
  const backends = fact.backends.map((backend) => ({
    ...backend,
    connections: connections.get(
      countKey(`${protocol} ${address} ${port}`, `${backend.address} ${backend.port}`),
    ),
  }));
  return {
    address,
    port,
    protocol,
    names: fact.names.map((name) => `${name}.${zone}`),
    backends: backends.map(({ connections: count = 0, ...rest }) => ({
      ...rest,
      connections: count,
    })),
  };
}
