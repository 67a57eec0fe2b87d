export { NameIndex } from "./name-index.ts";
export type { ZoneSettings } from "./settings.ts";
export { MesosZone } from "./zone.ts";
