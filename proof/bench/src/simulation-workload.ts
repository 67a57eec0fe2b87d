import { runSeed } from "@tutti/sim";
import { timed } from "./medians.ts";

/** Some seeds in one process. */
export interface SimulationSize {
  /** The first that is measured; those before it warm up. */
  readonly from: number;
  readonly count: number;
}

/** What the seeds of one process were and took. */
export interface SimulationTaken {
  /** Simulated milliseconds for each millisecond of processor time, all threads of the process. */
  readonly perCpu: number;
  readonly perWall: number;
  /** The same as `perCpu`, of the seeds that warm up: the engine compiles the code in them. */
  readonly warmingPerCpu: number;
  readonly seeds: number;
  readonly broken: number;
  readonly faults: number;
  readonly commands: number;
  readonly tasks: number;
  readonly events: number;
  readonly simulatedMs: number;
}

/** Runs the seeds with one master; faults, commands, tasks and events are those of the seeds that are measured. */
export function simulation({ from, count }: SimulationSize): SimulationTaken {
  let warmingMs = 0;
  const warming = timed(() => {
    for (let seed = 1; seed < from; seed += 1) warmingMs += runSeed(seed).simulatedMs;
  });
  const sum = { broken: 0, faults: 0, commands: 0, tasks: 0, events: 0, simulatedMs: 0 };
  const { wallMs, cpuMs } = timed(() => {
    for (let seed = from; seed < from + count; seed += 1) {
      const report = runSeed(seed);
      sum.broken += report.failure === undefined ? 0 : 1;
      for (const faults of report.faults.values()) sum.faults += faults;
      sum.commands += report.commands;
      sum.tasks += report.tasksStarted;
      sum.events += report.events;
      sum.simulatedMs += report.simulatedMs;
    }
  });
  return {
    ...sum,
    seeds: count,
    perCpu: sum.simulatedMs / cpuMs,
    perWall: sum.simulatedMs / wallMs,
    warmingPerCpu: warmingMs / warming.cpuMs,
  };
}
