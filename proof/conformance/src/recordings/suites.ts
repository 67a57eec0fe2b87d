import { recordedFiles } from "./exchanges.ts";

/** The tests that replay recordings, and the files that each of them replays; the first that fits has a file. */
const suites = [
  ["wire", /^raw_wire\.json$/],
  ["master reads", /^(master|operator)_(empty|running|with_pod|after_task)\//],
  ["agent reads", /^agent_(running|with_pod|after_task)\/|^operator_writes\/92_agent_/],
  ["master errors", /^errors\/master_/],
  ["agent errors", /^errors\/agent_/],
  ["scheduler errors", /^scheduler_errors\/|^operator_stream\/through_sched_errors/],
  ["launches", /^scheduler\/04_/],
  ["failover", /^(failover\/|scheduler\/2[1-4]_)/],
  ["conversations", /^(scheduler|operator_stream)\//],
  ["files", /^(files|env|agent_nested)\/|^crash\/agent_|^state_with_volume\/agent_/],
  ["operator writes", /^(operator_writes|framework_disconnected|state_with_volume|crash)\//],
] as const satisfies readonly (readonly [string, RegExp])[];

/** The name of a test that replays recordings. */
export type SuiteName = (typeof suites)[number][0];

/** The test that replays a recorded file; undefined: none does. */
export function suiteOf(file: string): SuiteName | undefined {
  return suites.find(([, pattern]) => pattern.test(file))?.[0];
}

/** The files that a test replays. */
export function filesOf(suite: SuiteName): readonly string[] {
  return recordedFiles().filter((file) => suiteOf(file) === suite);
}

/** The recorded calls about deactivating, draining and reactivating agents: they need agents of their own. */
export function drainFiles(): readonly string[] {
  return filesOf("operator writes").filter((file) =>
    /^operator_writes\/(?:8|9[01]_|9[4-8])/.test(file),
  );
}
