import { startAgent } from "@tutti/agent";
import type { StartAgentConfig } from "@tutti/agent";

// An agent in a process of its own, for tests that kill and stop it. Its only argument is its configuration.
await startAgent(JSON.parse(process.argv[2] ?? "") as StartAgentConfig);
