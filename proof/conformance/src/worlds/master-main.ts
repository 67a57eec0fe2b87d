import { startMaster } from "@tutti/master";
import type { MasterOptions } from "@tutti/master";

// A master in a process of its own, for tests that measure it. Its only argument is its options.
await startMaster(JSON.parse(process.argv[2] ?? "") as MasterOptions);
