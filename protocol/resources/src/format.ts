import type { Labels, Resource, ResourceDiskInfo, ResourceReservationInfo } from "@tutti/mesos-v1";
import { formatThousandths, toThousandths } from "./thousandths.ts";

/**
 * A resource message in Mesos's text form, also when it is invalid:
 * `cpus(allocated: web)(reservations: [(STATIC,web)]):0.5`.
 */
export function formatResource(message: Resource): string {
  return `${formatHead(message)}:${formatValue(message)}`;
}

/** All of a resource's text form but the value. */
export function formatHead(head: Omit<Resource, "scalar" | "ranges" | "set">): string {
  const { allocation_info: allocation, reservations = [], disk } = head;
  let text = head.name;
  if (allocation !== undefined) text += `(allocated: ${allocation.role ?? ""})`;
  if (reservations.length > 0) {
    text += `(reservations: [${reservations.map(formatReservation).join(", ")}])`;
  }
  if (disk !== undefined) text += `[${formatDisk(disk)}]`;
  if (head.revocable !== undefined) text += "{REV}";
  if (head.shared !== undefined) text += "<SHARED>";
  return text;
}

/** `{key: value, flag}` */
export function formatLabels(labels: Labels | undefined): string {
  const items = (labels?.labels ?? []).map(({ key, value }) =>
    value === undefined ? key : `${key}: ${value}`,
  );
  return `{${items.join(", ")}}`;
}

function formatValue(message: Resource): string {
  switch (message.type) {
    case "SCALAR": {
      const value = message.scalar?.value ?? 0;
      const amount = toThousandths(value);
      return amount === undefined ? String(value) : formatThousandths(amount);
    }
    case "RANGES":
      return `[${(message.ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(", ")}]`;
    case "SET":
      return `{${(message.set?.item ?? []).join(", ")}}`;
    case "TEXT":
      return "";
  }
}

function formatReservation(reservation: ResourceReservationInfo): string {
  const { type = "UNKNOWN", role = "", principal, labels } = reservation;
  const parts = [type, role];
  if (principal !== undefined) parts.push(principal);
  if (labels !== undefined) parts.push(formatLabels(labels));
  return `(${parts.join(",")})`;
}

function formatDisk({ source, persistence, volume }: ResourceDiskInfo): string {
  const parts: string[] = [];
  if (source !== undefined) {
    const root = source.type === "MOUNT" ? source.mount?.root : source.path?.root;
    const csi =
      source.id === undefined && source.profile === undefined
        ? undefined
        : `(${source.vendor ?? ""},${source.id ?? ""},${source.profile ?? ""})`;
    parts.push(source.type + (csi ?? (root === undefined ? "" : `:${root}`)));
  }
  if (persistence !== undefined) parts.push(persistence.id);
  const text = parts.join(",");
  if (volume === undefined) return text;
  const mode = volume.mode === "RW" ? "rw" : "ro";
  return `${text}:${volume.host_path === undefined ? volume.container_path : `${volume.host_path}:${volume.container_path}:${mode}`}`;
}
