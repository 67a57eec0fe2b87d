import { compareText } from "@tutti/base";
import type { Fact } from "@tutti/discovery-v1";
import { jsonReply } from "@tutti/http";
import type { Route } from "@tutti/http";

/** One machine as `GET /v1/nodes` of DC/OS shows it. */
interface NodeMetadata {
  readonly private_ip: string;
  readonly public_ips: readonly string[];
  readonly hostname: string;
  readonly updated: string;
}

/**
 * `GET /v1/nodes`: every machine of the cluster, ordered by address (dcos-net: `dcos_net_node`). `updatedWallMs` is when
 * the table was last confirmed.
 */
export function nodesRoute(facts: () => Iterable<Fact>, updatedWallMs: () => number): Route {
  return {
    path: "/v1/nodes",
    methods: {
      GET: () => {
        const updated = new Date(updatedWallMs()).toISOString();
        const nodes = new Map<string, NodeMetadata>();
        for (const fact of facts()) {
          if (fact.kind !== "master" && fact.kind !== "agent") continue;
          const hostname = fact.kind === "agent" ? fact.hostname : fact.address;
          nodes.set(fact.address, {
            private_ip: fact.address,
            public_ips: [],
            hostname,
            updated,
          });
        }
        const sorted = [...nodes.values()].toSorted((left, right) =>
          compareText(left.private_ip, right.private_ip),
        );
        return jsonReply(200, sorted);
      },
    },
  };
}
