import { createContainerizer, type ContainerizerConfig } from "../create-containerizer.ts";
import type { ContainerSpec } from "../core/containerizer.ts";

/**
 * An agent that launches containers and then waits to be killed: `node victim.ts CONFIG SPECS`.
 * Says `launched` when all run.
 */
const [config, specs] = process.argv.slice(2);
const containerizer = await createContainerizer(JSON.parse(config ?? "{}") as ContainerizerConfig);
await containerizer.recover([]);
for (const spec of JSON.parse(specs ?? "[]") as ContainerSpec[]) await containerizer.launch(spec);
process.stdout.write("launched\n");
setInterval(() => undefined, 60_000);
