import { formatRanges, fromThousandths, Resources, toEndpointFormat } from "@tutti/resources";
import type { Resource } from "@tutti/mesos-v1";

/** JSON as the v0 endpoints print it. */
export type Json = Readonly<Record<string, unknown>>;

/** Resources by name: scalars as numbers (the four usual ones always), ranges as text. */
export function resourcesJson(resources: Resources): Json {
  const json: Record<string, unknown> = { disk: 0, mem: 0, gpus: 0, cpus: 0 };
  for (const [name, amount] of resources.quantities().entries())
    json[name] = fromThousandths(amount);
  for (const { name, type } of resources.toMessages()) {
    if (type === "RANGES") json[name] = formatRanges(resources.ranges(name));
  }
  return json;
}

/** Resources as messages with the flat `role`. */
export function resourcesFullJson(resources: Resources): readonly Resource[] {
  return resources.toMessages().map(toEndpointFormat);
}

/** By the role they are reserved to. */
export function reservedJson(
  resources: Resources,
  show: (part: Resources) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...resources.byReservation()].map(([role, part]) => [role, show(part)]),
  );
}

/** Resources of a message that was accepted, or nothing. */
export function resourcesOf(messages: readonly Resource[] | undefined): Resources {
  const parsed = Resources.parse(messages ?? []);
  return parsed.ok ? parsed.value : Resources.empty;
}
