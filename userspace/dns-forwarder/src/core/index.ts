export { makeOwnZones } from "./own-zones.ts";
export { Table } from "./table.ts";
