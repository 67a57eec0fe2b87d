export { TableOrder } from "./table-order.ts";
export type { NamesRoom, TableOrderOptions } from "./table-order.ts";
