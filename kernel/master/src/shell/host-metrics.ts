import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { Allocator } from "@tutti/allocator";
import type { Clock } from "@tutti/ports";
import type { HostMetrics } from "../core/read/metrics-snapshot.ts";
import type { Timing } from "../core/timing.ts";
import type { Registry } from "./registry.ts";

/** The same allocator, which notes how long each of its runs took. */
export function timeAllocations(allocator: Allocator, clock: Clock, timing: Timing): Allocator {
  const allocate = allocator.allocate.bind(allocator);
  return Object.assign(allocator, {
    allocate(monoMs: number): ReturnType<typeof allocate> {
      const beganMs = clock.monoMs();
      const allocations = allocate(monoMs);
      timing.add(clock.monoMs() - beganMs);
      return allocations;
    },
  });
}

/** What is measured of a leadership. */
interface Measured {
  readonly registry: Registry;
  readonly allocator: Allocator;
  /** What its runs took. */
  readonly allocations: Timing;
}

/** What the machine, the registry and the clock say, under Mesos's names. */
export function readHostMetrics(
  { registry, allocator, allocations }: Measured,
  wallMs: number,
): HostMetrics {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  const values = new Map([
    ["system/cpus_total", availableParallelism()],
    ["system/load_1min", one],
    ["system/load_5min", five],
    ["system/load_15min", fifteen],
    ["system/mem_free_bytes", freemem()],
    ["system/mem_total_bytes", totalmem()],
    ["registrar/log/ensemble_size", 1],
    ["registrar/log/recovered", 1],
    ["registrar/queued_operations", 0],
    ["registrar/registry_size_bytes", registry.bytes],
  ]);
  registry.reads.show("registrar/state_fetch_ms", values);
  registry.writes.show("registrar/state_store_ms", values);
  allocations.show("allocator/mesos/allocation_run_ms", values);
  for (const [role, count] of allocator.refusalCounts())
    values.set(`allocator/mesos/offer_filters/roles/${role}/active`, count);
  return { wallMs, values };
}
