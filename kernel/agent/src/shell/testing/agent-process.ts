import type { StartAgentConfig } from "../configuration.ts";
import { startAgent } from "../start-agent.ts";

// An agent in a process of its own, for tests that kill it. Its only argument is its configuration.
const config = JSON.parse(process.argv[2] ?? "") as StartAgentConfig;
await startAgent(config);
