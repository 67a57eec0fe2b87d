export { formatIpv4, formatIpv6, parseAddress, parseIpv4, parseIpv6 } from "./addresses.ts";
export { addressRecords, isOfType } from "./address-records.ts";
export { decodeMessage, scanAnswer } from "./decode-message.ts";
export type { Message, ScannedAnswer } from "./decode-message.ts";
export { encodeQuery } from "./encode-query.ts";
export type { QueryOptions } from "./encode-query.ts";
export { FactIndex, stampKeys } from "./fact-index.ts";
export { toLabel, toLabelRfc952, toLabels } from "./labels.ts";
export { limits } from "./limits.ts";
export { isAtOrBelow, nameToWire, readName } from "./names.ts";
export type { ReadName } from "./names.ts";
export { QueryReader } from "./query-reader.ts";
export type { QueryVerdict } from "./query-reader.ts";
export { classes, opcodes, rcodes, recordTypes } from "./records.ts";
export type {
  Question,
  RecordData,
  RecordHead,
  ResourceRecord,
  StartOfAuthority,
} from "./records.ts";
export { Responder } from "./responder.ts";
export type {
  FreshAnswer,
  RefusalTally,
  ResponderOptions,
  Transport,
  ZoneTally,
} from "./responder.ts";
export { ThreadResponder } from "./thread-responder.ts";
export type { ThreadResponderOptions } from "./thread-responder.ts";
export { givenName, hasDiscoveryName, TaskNames } from "./task-names.ts";
export type { LabelRules, TaskNamesOptions } from "./task-names.ts";
export { sharedVipFaults } from "./shared-vip.ts";
export type { SharedVip, SharedVipFault } from "./shared-vip.ts";
export { typeNumber } from "./write-record.ts";
export type { LabelFault, VipClaim } from "./vip-claim.ts";
export { claimsOf, familyFault, isWantedLabel, vipFaultsOf, vipValues } from "./vip-claims.ts";
export type { PortFacts, PortMapping, VipValues, WireLabel, WirePort } from "./vip-claims.ts";
export { canonicalAddress, parseVipValue } from "./vip-labels.ts";
export { fullVipName, nameFault } from "./vip-name.ts";
export { nothingTold, StampTable } from "./zone.ts";
export type { Zone, ZoneAnswer } from "./zone.ts";
