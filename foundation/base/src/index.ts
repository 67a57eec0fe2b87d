export { assert, AssertionError, assertNever, present } from "./assert.ts";
export type { Brand } from "./brand.ts";
export { Fault } from "./fault.ts";
export { ok, refuse } from "./result.ts";
export type { Refusal, RefusalDetail, Result } from "./result.ts";
