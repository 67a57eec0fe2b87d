import type { Upstream } from "../core/forward-zones.ts";
import { Histogram } from "./histogram.ts";

/** How upstreams do: failures by reason, and how long answers take. */
export class UpstreamTallies {
  readonly #failures = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();

  failed(upstream: Upstream, protocol: "udp" | "tcp", reason: string): void {
    const key = `protocol="${protocol}",upstream_address="${formatUpstream(upstream)}",reason="${reason}"`;
    this.#failures.set(key, (this.#failures.get(key) ?? 0) + 1);
  }

  answered(upstream: Upstream, protocol: "udp" | "tcp", ms: number): void {
    const key = `protocol="${protocol}",upstream_address="${formatUpstream(upstream)}"`;
    let histogram = this.#durations.get(key);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.#durations.set(key, histogram);
    }
    histogram.observe(ms);
  }

  /** Prometheus text. Upstreams and reasons are few, so are the lines. */
  format(): string {
    const failures = [...this.#failures].map(
      ([labels, count]) => `dns_worker_failures_total{${labels}} ${count}\n`,
    );
    const durations = [...this.#durations].map(([labels, histogram]) =>
      histogram.format("dns_worker_requests_duration_seconds", labels),
    );
    return [
      "# TYPE dns_worker_failures_total counter\n",
      ...failures,
      "# TYPE dns_worker_requests_duration_seconds histogram\n",
      ...durations,
    ].join("");
  }
}

/** `10.0.0.1:53`, `[::1]:53`. */
export function formatUpstream({ address, port }: Upstream): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
