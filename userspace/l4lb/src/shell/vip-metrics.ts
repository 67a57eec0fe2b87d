import type { L4lbStatus } from "../core/index.ts";
import type { ConnectionCounts } from "./connections.ts";

/** What is measured beside the status. */
export interface Measured {
  readonly roundSecondsSum: number;
  readonly roundSecondsLast: number;
  readonly connections: ConnectionCounts;
}

/** The room's part of the machine's metrics, in the text format of Prometheus. */
export function formatMetrics(status: L4lbStatus, measured: Measured): string {
  const lines: string[] = [];
  const put = (name: string, kind: "gauge" | "counter", help: string, value: number): void => {
    lines.push(
      `# HELP l4lb_${name} ${help}`,
      `# TYPE l4lb_${name} ${kind}`,
      `l4lb_${name} ${value}`,
    );
  };
  put("available", "gauge", "Whether virtual IPs are served here.", status.available ? 1 : 0);
  put("vips", "gauge", "Virtual addresses and ports.", status.vipCount);
  put(
    "refused_vips",
    "gauge",
    "Virtual IPs that are not served because their address is taken here.",
    status.refusedVipCount,
  );
  put("backends", "gauge", "Backends of all virtual IPs.", status.backendCount);
  put("slots", "gauge", "Slots in the kernel's maps.", status.slotCount);
  put("draining", "gauge", "Backends that left while their task runs.", status.drainingCount);
  put("rounds_total", "counter", "Changes the kernel took.", status.roundCount);
  put(
    "round_seconds_total",
    "counter",
    "Time the kernel's changes took.",
    measured.roundSecondsSum,
  );
  put("round_seconds_last", "gauge", "Time of the last change.", measured.roundSecondsLast);
  put("failures_total", "counter", "Changes the kernel refused.", status.failureCount);
  put("repairs_total", "counter", "Disturbances that were repaired.", status.repairCount);
  put(
    "cuts_lost_total",
    "counter",
    "Backends whose connections were not cut because too many waited.",
    status.cutsLostCount,
  );
  lines.push(
    "# HELP l4lb_connections Connections that the kernel tracks, by virtual IP and backend.",
    "# TYPE l4lb_connections gauge",
  );
  for (const [key, count] of measured.connections) {
    const [vip = "", backend = ""] = key.split(" > ");
    const [protocol = "", address = "", port = ""] = vip.split(" ");
    const [backendAddress = "", backendPort = ""] = backend.split(" ");
    lines.push(
      `l4lb_connections{protocol="${protocol}",vip="${address}",port="${port}",` +
        `backend="${backendAddress}",backend_port="${backendPort}"} ${count}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
