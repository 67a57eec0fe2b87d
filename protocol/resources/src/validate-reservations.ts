import { parseRoleName } from "@tutti/ids";
import type { Resource, ResourceReservationInfo } from "@tutti/mesos-v1";
import { formatLabels } from "./format.ts";

/** What is wrong with the role and the reservations of a message, in either format. Rules RES4, RES5. */
export function faultOfReservations(message: Resource): string | undefined {
  const reservations = message.reservations ?? [];
  const [first] = reservations;
  if (first === undefined) return faultOfRole(message);
  for (const reservation of reservations) {
    const fault = faultOfReservation(reservation);
    if (fault !== undefined) return fault;
  }
  const refined = faultOfRefinement(reservations);
  if (refined !== undefined) return refined;
  return reservations.length === 1
    ? faultOfEndpointFields(message, first)
    : faultOfOldFields(message);
}

/** Whether `role` lies strictly below `ancestor`: `a/b` below `a`. */
export function isStrictSubrole(role: string, ancestor: string): boolean {
  return role.length > ancestor.length && role.startsWith(`${ancestor}/`);
}

function faultOfRole(message: Resource): string | undefined {
  const role = message.role ?? "*";
  const parsed = parseRoleName(role);
  if (!parsed.ok) return parsed.error.message;
  const { reservation } = message;
  if (reservation === undefined) return undefined;
  if (reservation.type !== undefined) {
    return "'Resource.ReservationInfo.type' must not be set for the 'Resource.reservation' field";
  }
  if (reservation.role !== undefined) {
    return "'Resource.ReservationInfo.role' must not be set for the 'Resource.reservation' field";
  }
  return role === "*" ? 'Invalid reservation: role "*" cannot be dynamically reserved' : undefined;
}

function faultOfReservation({ type, role }: ResourceReservationInfo): string | undefined {
  if (type === undefined) {
    return "Invalid reservation: 'Resource.ReservationInfo.type' field must be set.";
  }
  if (role === undefined) {
    return "Invalid reservation: 'Resource.ReservationInfo.role' field must be set.";
  }
  const parsed = parseRoleName(role);
  if (!parsed.ok) return parsed.error.message;
  if (role === "*") return 'Invalid reservation: role "*" cannot be reserved';
  return type === "UNKNOWN" ? "Unsupported 'Resource.ReservationInfo.Type'" : undefined;
}

function faultOfRefinement(reservations: readonly ResourceReservationInfo[]): string | undefined {
  for (const [index, reservation] of reservations.entries()) {
    if (index === 0) continue;
    if (reservation.type === "STATIC") {
      return "Invalid refined reservation: A refined reservation cannot be STATIC";
    }
    const ancestor = reservations[index - 1]?.role ?? "";
    if (!isStrictSubrole(reservation.role ?? "", ancestor)) {
      return `Invalid refined reservation: role '${reservation.role}' is not a refinement of '${ancestor}'`;
    }
  }
  return undefined;
}

/** The old fields beside one reservation, as endpoints show them, must agree with it. */
function faultOfEndpointFields(
  message: Resource,
  reservation: ResourceReservationInfo,
): string | undefined {
  const old = message.reservation;
  if (message.role !== undefined && message.role !== reservation.role) {
    return (
      `Invalid resource format: 'Resource.role' field with '${message.role}' does not match the` +
      ` role '${reservation.role}' in 'Resource.reservations'`
    );
  }
  if (reservation.type === "STATIC") {
    return old === undefined
      ? undefined
      : "Invalid resource format: 'Resource.reservation' must not be set if the single reservation in 'Resource.reservations' is STATIC";
  }
  if ((message.role !== undefined) !== (old !== undefined)) {
    return "Invalid resource format: 'Resource.role' and 'Resource.reservation' must either be both set or both not set if the single reservation in 'Resource.reservations' is DYNAMIC";
  }
  if (old === undefined) return undefined;
  if ((old.principal ?? "") !== (reservation.principal ?? "")) {
    return `Invalid resource format: 'Resource.reservation.principal' field with '${old.principal ?? ""}' does not match the principal '${reservation.principal ?? ""}' in 'Resource.reservations'`;
  }
  const oldLabels = formatLabels(old.labels);
  const labels = formatLabels(reservation.labels);
  return oldLabels === labels
    ? undefined
    : `Invalid resource format: 'Resource.reservation.labels' field with '${oldLabels}' does not match the labels '${labels}' in 'Resource.reservations'`;
}

function faultOfOldFields(message: Resource): string | undefined {
  const field =
    message.role !== undefined
      ? "role"
      : message.reservation !== undefined
        ? "reservation"
        : undefined;
  return field === undefined
    ? undefined
    : `Invalid resource format: 'Resource.${field}' must not be set if there is more than one reservation in 'Resource.reservations'`;
}
