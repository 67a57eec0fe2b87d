import type { NameIndex } from "../core/name-index.ts";
import type { ZoneSettings } from "../core/settings.ts";
import type { MesosZone } from "../core/zone.ts";
import type { MesosDnsOptions } from "./options.ts";

/** What the API speaks of. */
export interface Served {
  readonly zone: MesosZone;
  readonly index: NameIndex;
  readonly settings: ZoneSettings;
  readonly options: MesosDnsOptions;
}
