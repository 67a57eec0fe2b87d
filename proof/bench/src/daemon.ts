import type { StartAgentConfig } from "@tutti/agent";
import type { MasterOptions } from "@tutti/master";

// One daemon in a process of its own, for benchmarks that measure it alone: which one, and its options as JSON. As on a
// machine it loads nothing of the other one.
const [which, options = ""] = process.argv.slice(2);
if (which === "master") {
  const { startMaster } = await import("@tutti/master");
  await startMaster(JSON.parse(options) as MasterOptions);
} else if (which === "agent") {
  const { startAgent } = await import("@tutti/agent");
  await startAgent(JSON.parse(options) as StartAgentConfig);
} else throw new Error(`no daemon '${which ?? ""}'`);
