export { formatResource } from "./format.ts";
export type { ResourceHead } from "./item.ts";
export { Quantities } from "./quantities.ts";
export { addRanges, containsRanges, countRanges, formatRanges, subtractRanges } from "./ranges.ts";
export type { Range, Ranges } from "./ranges.ts";
export { toEndpointFormat, toFlatReservation } from "./reservation-formats.ts";
export { reservationRoleOf, Resources } from "./resources.ts";
export {
  addThousandths,
  formatThousandths,
  fromThousandths,
  subtractThousandths,
  thousandths,
  toThousandths,
  zeroThousandths,
} from "./thousandths.ts";
export type { Thousandths } from "./thousandths.ts";
export { isStrictSubrole } from "./validate-reservations.ts";
export { validateResources } from "./validate.ts";
export type { ResourceRefusal } from "./validate.ts";
export { parseAttributesText } from "./attributes-text.ts";
export { formatResourcesText, parseResourcesText } from "./resources-text.ts";
export { parseValue } from "./value-text.ts";
export type { TextRefusal } from "./value-text.ts";
