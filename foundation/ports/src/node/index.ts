export { createSystemClock, systemClock } from "./system-clock.ts";
export { cryptoRandom } from "./crypto-random.ts";
export { nodeProcessRunner } from "./node-process-runner.ts";
