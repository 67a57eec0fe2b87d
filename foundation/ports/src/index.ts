export type { Clock } from "./clock.ts";
export type { Random } from "./random.ts";
