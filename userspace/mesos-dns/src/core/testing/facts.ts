import type { AgentFact, Fact, FrameworkFact, TaskFact } from "@tutti/discovery-v1";
import { recordTypes, type ResourceRecord } from "@tutti/dns";
import { NameIndex } from "../name-index.ts";
import type { ZoneSettings } from "../settings.ts";
import { MesosZone } from "../zone.ts";

/** An agent with a number: `10.1.0.<n>`. */
export function agent(number: number, address = `10.1.0.${number}`): AgentFact {
  return { kind: "agent", id: `20150101-S${number}`, hostname: `h${number}`, address, port: 5051 };
}

/** A framework whose id is its name. */
export function framework(name: string, more: Partial<FrameworkFact> = {}): FrameworkFact {
  return { kind: "framework", id: name, name, active: true, ...more };
}

/** A running task on agent 1 of marathon, with port 31000. */
export function task(name: string, more: Partial<TaskFact> = {}): TaskFact {
  return {
    kind: "task",
    frameworkId: "marathon",
    taskId: `${name}.1`,
    name,
    agentId: "20150101-S1",
    serving: true,
    containerAddresses: [],
    portsMapped: false,
    ports: [31_000],
    ...more,
  };
}

export const defaultSettings: ZoneSettings = {
  domain: "mesos",
  ttlSeconds: 5,
  ipSources: ["netinfo", "mesos", "host"],
  enforceRfc952: false,
  nameServerAddresses: ["10.0.0.1"],
};

/** A zone of these facts. */
export function zoneOf(facts: readonly Fact[], settings: Partial<ZoneSettings> = {}) {
  const all = { ...defaultSettings, ...settings };
  const index = new NameIndex(all);
  index.replace(facts);
  return { index, zone: new MesosZone(index, all), settings: all };
}

/** What a record says, in a line: `A 1.2.3.4`, `SRV host:80`. */
export function say(record: ResourceRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return `${record.type} ${record.address}`;
    case "SRV":
      return `SRV ${record.target}:${record.port}`;
    case "NS":
      return `NS ${record.target}`;
    default:
      return record.type;
  }
}

/** Everything a name has, as lines in order; "NXDOMAIN" when there is no such name. */
export function look(zone: MesosZone, name: string): string[] | "NXDOMAIN" {
  const answer = zone.answer({ name, type: recordTypes.any, class: 1 });
  return answer.rcode === 3 ? "NXDOMAIN" : answer.answers.map(say).toSorted();
}
