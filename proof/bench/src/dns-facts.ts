import type { Fact } from "@tutti/discovery-v1";

/** How many facts: apps of one framework, each with so many tasks, spread over 1,000 agents. */
export interface DnsSize {
  readonly apps: number;
  readonly tasksPerApp: number;
}

/** The agents there are. */
const agentCount = 1000;

/** The address of an agent. */
export function agentAddress(index: number): string {
  return `10.1.${index >> 8}.${index & 255}`;
}

/** The agent of a task: those of one app are on different ones. */
export function agentOf(app: number, task: number, size: DnsSize): number {
  return (app * size.tasksPerApp + task) % agentCount;
}

/** A cluster's table, as discovery tells it. */
export function* dnsFacts(size: DnsSize): Iterable<Fact> {
  yield { kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: true };
  yield { kind: "framework", id: "f", name: "marathon", active: true };
  for (let index = 0; index < agentCount; index += 1) {
    const [hostname, address] = [`agent-${index}`, agentAddress(index)];
    yield { kind: "agent", id: `c0ffee-S${index}`, hostname, address, port: 5051 };
  }
  for (let app = 0; app < size.apps; app += 1) {
    for (let task = 0; task < size.tasksPerApp; task += 1) {
      yield {
        kind: "task",
        frameworkId: "f",
        taskId: `app-${app}.instance-${task}._app.1`,
        name: `app-${app}`,
        agentId: `c0ffee-S${agentOf(app, task, size)}`,
        serving: true,
        containerAddresses: [],
        portsMapped: false,
        ports: [31_000 + (app % 1000)],
        discovery: {
          name: `app-${app}`,
          visibility: "FRAMEWORK",
          ports: [{ number: 31_000 + (app % 1000), name: "http", protocol: "tcp" }],
        },
      };
    }
  }
}
