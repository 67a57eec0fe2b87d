import { startAgent, type StartAgentConfig } from "@tutti/agent";
import { startMaster, type MasterOptions } from "@tutti/master";

// One daemon in a process of its own, for benchmarks that measure it alone: which one, and its options as JSON.
const [which, options = ""] = process.argv.slice(2);
if (which === "master") await startMaster(JSON.parse(options) as MasterOptions);
else if (which === "agent") await startAgent(JSON.parse(options) as StartAgentConfig);
else throw new Error(`no daemon '${which ?? ""}'`);
