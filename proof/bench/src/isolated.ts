import { workloads } from "./workloads.ts";

// One run of one workload in a process of its own: its name, its parameters as JSON; the result goes to stdout as JSON.
const [name = "", parameters = "{}"] = process.argv.slice(2);
const workload = Object.entries(workloads).find(([known]) => known === name)?.[1];
if (workload === undefined) throw new Error(`no workload '${name}'`);
process.stdout.write(JSON.stringify(workload(JSON.parse(parameters) as never)));
