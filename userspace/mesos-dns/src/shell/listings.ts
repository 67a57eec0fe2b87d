import type { ResourceRecord } from "@tutti/dns";
import { recordsOfTask } from "../core/task-records.ts";
import type { Served } from "./served.ts";

/** The host of a record as Mesos-DNS writes it: an address, or `target.:port`. */
function hostOf(record: ResourceRecord): string | undefined {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "SRV":
      return `${record.target}.:${record.port}`;
    default:
      return undefined;
  }
}

/** `/v1/enumerate`, piece by piece: every framework, its tasks, and their records. */
export function* enumeratePieces({ index, settings }: Served): Iterable<string> {
  yield '{"frameworks":[';
  let isFirstFramework = true;
  const tasksByFramework = Map.groupBy(index.names.tasks.values(), (task) => task.frameworkId);
  for (const framework of index.names.frameworks.values()) {
    yield `${isFirstFramework ? "" : ","}{"name":${JSON.stringify(framework.name)},"tasks":[`;
    isFirstFramework = false;
    let isFirstTask = true;
    for (const task of tasksByFramework.get(framework.id) ?? []) {
      const records = recordsOfTask(task, index, settings).map((record) => ({
        name: `${record.name}.`,
        host: hostOf(record),
        rtype: record.type,
      }));
      const shown = JSON.stringify({ name: task.name, id: task.taskId, records });
      yield isFirstTask ? shown : `,${shown}`;
      isFirstTask = false;
    }
    yield "]}";
  }
  yield "]}";
}

/**
 * `/v1/axfr`, piece by piece: the zone as names with their hosts, by type. Names of tasks with different bases never
 * meet, so that no more than one base is held at a time.
 */
export function* axfrPieces(served: Served): Iterable<string> {
  const { zone, settings } = served;
  const head = {
    TTL: settings.ttlSeconds,
    Serial: zone.serial,
    RefreshSeconds: 0,
    Mname: `ns1.${settings.domain}.`,
    Rname: `root.ns1.${settings.domain}.`,
    Domain: settings.domain,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"Records":{`;
  for (const [key, type] of [
    ["As", "A"],
    ["AAAAs", "AAAA"],
    ["SRVs", "SRV"],
  ] as const) {
    yield `${key === "As" ? "" : ","}"${key}":{`;
    let isFirst = true;
    for (const records of recordGroups(served)) {
      for (const [name, hosts] of hostsByName(records, type)) {
        yield `${isFirst ? "" : ","}${JSON.stringify(`${name}.`)}:${JSON.stringify([...hosts])}`;
        isFirst = false;
      }
    }
    yield "}";
  }
  yield "}}";
}

function* recordGroups({ zone, index, settings }: Served): Iterable<readonly ResourceRecord[]> {
  yield [...zone.ownRecords()];
  for (const [, tasks] of index.names.bases()) {
    yield tasks.flatMap((task) => recordsOfTask(task, index, settings));
  }
}

function hostsByName(
  records: readonly ResourceRecord[],
  type: ResourceRecord["type"],
): Map<string, Set<string>> {
  const hosts = new Map<string, Set<string>>();
  for (const record of records) {
    const host = record.type === type ? hostOf(record) : undefined;
    if (host === undefined) continue;
    const known = hosts.get(record.name);
    if (known === undefined) hosts.set(record.name, new Set([host]));
    else known.add(host);
  }
  return hosts;
}
