export type { StartAgentConfig } from "./shell/configuration.ts";
export { parseMasterEnvelope } from "./shell/parse-envelope.ts";
export { startAgent } from "./shell/start-agent.ts";
export type { RunningAgent } from "./shell/start-agent.ts";
