import type { FrameworkFact } from "@tutti/discovery-v1";
import {
  addressRecords,
  isOfType,
  nothingTold,
  rcodes,
  stampKeys,
  type Question,
  type ResourceRecord,
  type StampTable,
  type Zone,
  type ZoneAnswer,
} from "@tutti/dns";
import type { NameIndex } from "./name-index.ts";
import { findTasks, type FoundTasks } from "./find-tasks.ts";
import { limits } from "./limits.ts";
import type { ZoneSettings } from "./settings.ts";
import {
  addressesOf,
  recordsOfTask,
  servicePortsOf,
  srvRecord,
  type Side,
} from "./task-records.ts";

/** What a name has: its records of every type, and the stamp they rest on, if they are worth keeping. */
interface Found {
  readonly records: readonly ResourceRecord[];
  readonly stampKey: string | undefined;
  /** Names that SRV records lead to, with their addresses. */
  readonly additionals?: readonly ResourceRecord[];
}

/** Services that stand at the zone itself, and whether each leads to masters or agents. */
const services = new Map([
  ["_leader._tcp", "leader"],
  ["_leader._udp", "leader"],
  ["_master._tcp", "master"],
  ["_master._udp", "master"],
  ["_slave._tcp", "slave"],
]);

/** The zone of Mesos-DNS, derived from the index question by question. */
export class MesosZone implements Zone {
  readonly origin: string;
  readonly #index: NameIndex;
  readonly #settings: ZoneSettings;
  /** Seconds since 1970 of the last change. */
  serial = 1;

  constructor(index: NameIndex, settings: ZoneSettings) {
    this.origin = settings.domain;
    this.#index = index;
    this.#settings = settings;
  }

  get stamps(): StampTable {
    return this.#index.stamps;
  }

  answer(question: Question): ZoneAnswer {
    const found = this.find(question.name);
    if (!this.#index.isTold && !this.#isFixed(question.name)) return nothingTold;
    if (found === undefined) {
      const rcode = this.#isAbove(question.name) ? rcodes.noError : rcodes.nxDomain;
      return { rcode, answers: [], authorities: [this.#soa()], additionals: [] };
    }
    const answers = found.records.filter((record) => isOfType(record, question.type));
    if (answers.length === 0) {
      return { rcode: rcodes.noError, answers, authorities: [this.#soa()], additionals: [] };
    }
    return {
      rcode: rcodes.noError,
      answers: answers.slice(0, limits.answerRecordsMax),
      authorities: [],
      additionals: answers[0]?.type === "SRV" ? (found.additionals ?? []) : [],
      ...(found.stampKey === undefined ? {} : { stamp: this.stamps.stampOf(found.stampKey) }),
    };
  }

  /** Whether a name has what it has without any table. */
  #isFixed(name: string): boolean {
    return name === this.origin || name === `ns1.${this.origin}`;
  }

  /** All that a name has, whatever the type; undefined when there is no such name. */
  find(name: string): Found | undefined {
    if (name === this.origin) {
      return { records: [this.#soa(), this.#ns()], stampKey: undefined };
    }
    // As Mesos-DNS: `web.*.marathon` is `web.marathon`.
    const relative = name.slice(0, -this.origin.length - 1).replaceAll(".*", "");
    const own = this.#findOwn(relative, name);
    if (own !== undefined) return own;
    const labels = relative.split(".");
    if (labels.length > 2 && labels.at(-1) === "slave") {
      const found = this.#findBelowFramework(name, labels.slice(0, -1), "slave");
      if (found !== undefined) return found;
    }
    return this.#findBelowFramework(name, labels, "task");
  }

  *records(): Iterable<ResourceRecord> {
    yield* eachOnce(this.ownRecords());
    // Tasks of one name share records.
    for (const [, tasks] of this.#index.names.bases())
      yield* eachOnce(tasks.flatMap((task) => recordsOfTask(task, this.#index, this.#settings)));
  }

  /** All records but those of tasks. */
  *ownRecords(): Iterable<ResourceRecord> {
    yield this.#soa();
    yield this.#ns();
    const names = ["ns1", "leader", "master", "slave", ...services.keys()];
    names.push(...[...this.#index.masters.keys()].map((index) => `master${index}`));
    for (const name of names) {
      yield* this.#findOwn(name, `${name}.${this.origin}`)?.records ?? [];
    }
    for (const labels of this.#index.names.frameworkLabels()) {
      for (const name of [labels, `_framework._tcp.${labels}`]) {
        yield* this.find(`${name}.${this.origin}`)?.records ?? [];
      }
    }
  }

  #findOwn(relative: string, name: string): Found | undefined {
    const service = services.get(relative);
    if (service !== undefined) return this.#findOwnService(service, name);
    const { agents } = this.#index;
    if (relative === "ns1") {
      return this.#addresses(name, this.#settings.nameServerAddresses, stampKeys.fixed);
    }
    if (relative === "slave") {
      return this.#addresses(name, [...agents.values()].map(addressOf), stampKeys.agents);
    }
    const chosen = this.#index.mastersNamed(relative);
    if (chosen === undefined || chosen.length === 0) return undefined;
    return this.#addresses(name, chosen.map(addressOf), stampKeys.masters);
  }

  #findOwnService(service: string, name: string): Found | undefined {
    const { agents } = this.#index;
    const target = `${service}.${this.origin}`;
    const facts = service === "slave" ? [...agents.values()] : this.#index.mastersNamed(service);
    const ports = new Set((facts ?? []).map((fact) => fact.port));
    if (ports.size === 0) return undefined;
    return {
      records: [...ports].map((port) => srvRecord(name, target, port, this.#settings.ttlSeconds)),
      stampKey: service === "slave" ? stampKeys.agents : stampKeys.masters,
      additionals: this.#findOwn(service, target)?.records ?? [],
    };
  }

  /** `relative` is a framework, or something below one; a framework's labels may have dots. */
  #findBelowFramework(name: string, labels: readonly string[], side: Side): Found | undefined {
    for (let split = 0; split < labels.length; split += 1) {
      const framework = labels.slice(split).join(".");
      if (!this.#index.names.hasFramework(framework)) continue;
      const head = labels.slice(0, split);
      if (split === 0) {
        if (side === "task") return this.#framework(name, framework);
        continue;
      }
      const found = head[0]?.startsWith("_")
        ? this.#service(name, head, framework, side)
        : this.#task(name, head.join("."), framework, side);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #framework(name: string, labels: string): Found {
    const facts = this.#index.names.frameworksOf(labels);
    return this.#addresses(name, facts.map(addressOf), stampKeys.frameworks);
  }

  #task(name: string, given: string, framework: string, side: Side): Found | undefined {
    const found = findTasks(given, framework, this.#index);
    if (found === undefined) return undefined;
    const addresses = found.tasks.flatMap((task) => this.#addressesOf(task, side));
    return this.#addresses(name, addresses, found.base);
  }

  /** `_task._tcp`, `_port._task._tcp` or `_framework._tcp`, before a framework. */
  #service(
    name: string,
    head: readonly string[],
    framework: string,
    side: Side,
  ): Found | undefined {
    const protocol = head.at(-1) ?? "";
    if (head.length < 2 || !protocol.startsWith("_")) return undefined;
    const rest = head.slice(0, -1);
    if (rest.length === 1 && rest[0] === "_framework" && side === "task") {
      const found = this.#frameworkService(name, framework);
      if (protocol === "_tcp" && found.records.length > 0) return found;
    }
    const whole = findTasks(rest.join(".").slice(1), framework, this.#index);
    const any = whole && this.#services(name, whole, framework, { protocol, side });
    if (any !== undefined) return any;
    const [port, ...task] = rest;
    if (port === undefined || !task[0]?.startsWith("_")) return undefined;
    const named = findTasks(task.join(".").slice(1), framework, this.#index);
    const portName = port.slice(1);
    return named && this.#services(name, named, framework, { protocol, side, portName });
  }

  #services(
    name: string,
    found: FoundTasks,
    framework: string,
    wanted: { readonly protocol: string; readonly side: Side; readonly portName?: string },
  ): Found | undefined {
    const tails = {
      task: `${framework}.${this.origin}`,
      slave: `${framework}.slave.${this.origin}`,
    };
    const records: ResourceRecord[] = [];
    const additionals: ResourceRecord[] = [];
    const targets = new Set<string>();
    for (const task of found.tasks) {
      for (const service of servicePortsOf(task)) {
        if (service.protocol !== wanted.protocol || service.shownIn !== wanted.side) continue;
        if (wanted.portName !== undefined && service.portName !== wanted.portName) continue;
        const target = `${this.#index.canonicalLabel(task)}.${tails[service.target]}`;
        records.push(srvRecord(name, target, service.port, this.#settings.ttlSeconds));
        if (targets.has(target)) continue;
        targets.add(target);
        const addresses = this.#addressesOf(task, service.target);
        additionals.push(...addressRecords(target, addresses, this.#settings.ttlSeconds));
      }
      if (records.length >= limits.answerRecordsMax) break;
    }
    if (records.length === 0) return undefined;
    return { records: withoutTwins(records), stampKey: found.base, additionals };
  }

  #frameworkService(name: string, labels: string): Found {
    const target = `${labels}.${this.origin}`;
    const facts = this.#index.names.frameworksOf(labels);
    const ports = new Set(facts.flatMap((fact) => portOf(fact)));
    return {
      records: [...ports].map((port) => srvRecord(name, target, port, this.#settings.ttlSeconds)),
      stampKey: stampKeys.frameworks,
      additionals: this.#framework(target, labels).records,
    };
  }

  #addressesOf(task: Parameters<typeof addressesOf>[0], side: Side): string[] {
    return addressesOf(task, side, this.#index, this.#settings);
  }

  #addresses(name: string, addresses: readonly (string | undefined)[], stampKey: string): Found {
    const known = addresses.filter((address) => address !== undefined);
    return { records: addressRecords(name, known, this.#settings.ttlSeconds), stampKey };
  }

  /** Whether names exist below this one: then it exists, and has nothing (RFC 8020). */
  #isAbove(name: string): boolean {
    const relative = name.slice(0, -this.origin.length - 1);
    const inner = relative.replace(/^_(?:tcp|udp)(?:\.|$)/, "");
    if (inner === "") return true;
    const framework = inner.endsWith(".slave") ? inner.slice(0, -".slave".length) : inner;
    if (this.#index.names.hasFramework(framework)) return true;
    return inner === relative && this.#index.isAboveFramework(inner);
  }

  #soa(): ResourceRecord {
    return {
      name: this.origin,
      ttlSeconds: this.#settings.ttlSeconds,
      type: "SOA",
      primary: `ns1.${this.origin}`,
      mailbox: `root.ns1.${this.origin}`,
      serial: this.serial,
      refreshSeconds: 60,
      retrySeconds: 600,
      expireSeconds: 86_400,
      minimumSeconds: 1,
    };
  }

  #ns(): ResourceRecord {
    const { ttlSeconds } = this.#settings;
    return { name: this.origin, ttlSeconds, type: "NS", target: `ns1.${this.origin}` };
  }
}

function addressOf(fact: { readonly address?: string }): string | undefined {
  return fact.address;
}

function portOf(fact: FrameworkFact): number[] {
  return fact.port === undefined || fact.address === undefined ? [] : [fact.port];
}

function withoutTwins(records: readonly ResourceRecord[]): ResourceRecord[] {
  const seen = new Set<string>();
  return records.filter((record) => {
    const key = record.type === "SRV" ? `${record.target}:${record.port}` : "";
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function* eachOnce(records: Iterable<ResourceRecord>): Iterable<ResourceRecord> {
  const told = new Set<string>();
  for (const record of records) {
    const text = JSON.stringify(record);
    if (told.has(text)) continue;
    told.add(text);
    yield record;
  }
}
