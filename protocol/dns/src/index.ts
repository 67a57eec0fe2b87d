export { classes, opcodes, rcodes, recordTypes } from "./records.ts";
export type {
  Question,
  RecordData,
  RecordHead,
  ResourceRecord,
  StartOfAuthority,
} from "./records.ts";
export type { Stamp, Zone, ZoneAnswer } from "./zone.ts";
