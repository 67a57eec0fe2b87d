import type { Resource, ResourceReservationInfo } from "@tutti/mesos-v1";

/**
 * A message for readers without the capability RESERVATION_REFINEMENT: `role` (also `*`) and
 * `reservation` instead of `reservations`. Undefined when it has more than one reservation, which that
 * format cannot say. Rule RES7.
 */
export function toFlatReservation(message: Resource): Resource | undefined {
  const { reservations = [], ...rest } = message;
  const [only] = reservations;
  if (reservations.length > 1) return undefined;
  return only === undefined ? { ...rest, role: "*" } : { ...rest, ...flatFieldsOf(only) };
}

/** A message as operators' endpoints show it: the flat fields, where they fit, beside `reservations`. */
export function toEndpointFormat(message: Resource): Resource {
  const [only, ...others] = message.reservations ?? [];
  if (others.length > 0) return message;
  return only === undefined ? { ...message, role: "*" } : { ...message, ...flatFieldsOf(only) };
}

function flatFieldsOf(only: ResourceReservationInfo): Pick<Resource, "role" | "reservation"> {
  const { type, role = "*", ...reservation } = only;
  return type === "DYNAMIC" ? { role, reservation } : { role };
}
