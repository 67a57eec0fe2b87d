export { afterRunning } from "./after-running.ts";
export { cryptoRandom } from "./crypto-random.ts";
export { traceLaunch } from "./launch-trace.ts";
export { nodeProcessRunner } from "./node-process-runner.ts";
export { systemClock } from "./system-clock.ts";
