// `compileRe2` has a door of its own, `@tutti/base/re2`: its engine costs 2.6 MB of memory, which
// only a process that matches patterns should pay.
export { assert, assertNever, present } from "./assert.ts";
export { base64Decode, base64Encode } from "./base64.ts";
export { BoundedMap } from "./bounded-map.ts";
export type { Brand } from "./brand.ts";
export { createCancellation } from "./cancellation.ts";
export type { Cancellation, CancellationSource } from "./cancellation.ts";
export { compareText } from "./compare.ts";
export { DeadlineQueue } from "./deadline-queue.ts";
export { Fault } from "./fault.ts";
export { nearest } from "./nearest.ts";
export { ok, refuse } from "./result.ts";
export type { Refusal, RefusalDetail, Result } from "./result.ts";
export { formatTimestamp, parseTimestamp } from "./timestamp.ts";
export { utf8Decode, utf8Encode, utf8Length } from "./utf8.ts";
