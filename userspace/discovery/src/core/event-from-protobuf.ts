import { numberTag, partTag, ProtobufFields } from "./protobuf-fields.ts";
import type { SharedTexts } from "./shared-texts.ts";
import {
  readAgent,
  readFramework,
  readFrameworkInfo,
  readId,
  readAgentInfo,
} from "./records-from-protobuf.ts";
import { readEnded, readStatusUpdate, readTask } from "./tasks-from-protobuf.ts";
import type {
  ClusterAgent,
  ClusterEvent,
  ClusterFramework,
  ClusterSnapshot,
  ClusterTask,
  EndedTask,
} from "./types.ts";

/** `mesos.v1.master.Event`, by its fields. */
const event = {
  type: numberTag(1),
  subscribed: partTag(2),
  taskAdded: partTag(3),
  taskUpdated: partTag(4),
  agentAdded: partTag(5),
  agentRemoved: partTag(6),
  frameworkAdded: partTag(7),
  frameworkUpdated: partTag(8),
  frameworkRemoved: partTag(9),
} as const;
const heartbeat = 9;
/** The only field of most events: the task, agent or framework that they speak of. */
const subject = partTag(1);
/** `GetState`, `GetTasks`, `GetAgents`, `GetFrameworks`. */
const state = { tasks: partTag(1), frameworks: partTag(3), agents: partTag(4) } as const;
const tasks = { tasks: partTag(2), completed: partTag(3), unreachable: partTag(5) } as const;
const agents = { agents: partTag(1), recovered: partTag(2) } as const;
const frameworks = partTag(1);

/**
 * One event of `POST /api/v1` SUBSCRIBE in Protocol Buffers: what `eventFromWire` makes of the same event in JSON,
 * without making anything of the rest. Throws a `SyntaxError` when the bytes are broken.
 */
export function eventFromProtobuf(bytes: Uint8Array, texts: SharedTexts): ClusterEvent | undefined {
  const fields = new ProtobufFields(bytes, texts);
  let type = 0;
  let found: ClusterEvent | undefined;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === event.type) type = fields.number();
    else found = readBody(fields, tag, texts) ?? found;
  return type === heartbeat ? { type: "heartbeat" } : found;
}

/** What an event carries, by the tag it lies under. */
function readBody(
  fields: ProtobufFields,
  tag: number,
  texts: SharedTexts,
): ClusterEvent | undefined {
  switch (tag) {
    case event.subscribed:
      return readSubject(fields, () => readSnapshot(fields, texts)) ?? emptySnapshot();
    case event.taskAdded: {
      const task = readSubject(fields, () => readTask(fields, texts));
      return task === undefined ? undefined : { type: "taskAdded", task };
    }
    case event.taskUpdated:
      return readStatusUpdate(fields, texts);
    case event.agentAdded: {
      const agent = readSubject(fields, () => readAgent(fields));
      return agent === undefined ? undefined : { type: "agentAdded", agent };
    }
    case event.agentRemoved: {
      const agentId = readSubject(fields, () => readId(fields)) ?? "";
      return agentId === "" ? undefined : { type: "agentRemoved", agentId };
    }
    case event.frameworkAdded:
    case event.frameworkUpdated: {
      const framework = readSubject(fields, () => readFramework(fields));
      return framework === undefined ? undefined : { type: "frameworkPut", framework };
    }
    case event.frameworkRemoved: {
      const info = readSubject(fields, () => readFrameworkInfo(fields));
      return info === undefined ? undefined : { type: "frameworkRemoved", frameworkId: info.id };
    }
    default:
      fields.skip();
      return undefined;
  }
}

/** Goes into a message and reads its first field; undefined when it has none. */
function readSubject<T>(fields: ProtobufFields, read: () => T): T | undefined {
  const outer = fields.open();
  let found: T | undefined;
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === subject) found = read();
    else fields.skip();
  fields.close(outer);
  return found;
}

interface Draft extends ClusterSnapshot {
  readonly tasks: ClusterTask[];
  readonly ended: EndedTask[];
  readonly agents: ClusterAgent[];
  readonly recoveredAgents: ClusterAgent[];
  readonly frameworks: ClusterFramework[];
}

function emptySnapshot(): Draft {
  return {
    ...{ type: "snapshot", tasks: [], ended: [] },
    ...{ agents: [], recoveredAgents: [], frameworks: [] },
  };
}

/** `GetState`. */
function readSnapshot(fields: ProtobufFields, texts: SharedTexts): ClusterSnapshot {
  const draft = emptySnapshot();
  const completed: EndedTask[] = [];
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    switch (tag) {
      case state.tasks:
        readTasks(fields, { draft, completed, texts });
        break;
      case state.agents:
        readAgents(fields, draft);
        break;
      case state.frameworks:
        readEach(fields, frameworks, () => add(draft.frameworks, readFramework(fields)));
        break;
      default:
        fields.skip();
    }
  fields.close(outer);
  for (const task of completed) draft.ended.push(task);
  return draft;
}

function readTasks(
  fields: ProtobufFields,
  {
    draft,
    completed,
    texts,
  }: {
    readonly draft: Draft;
    readonly completed: EndedTask[];
    readonly texts: SharedTexts;
  },
): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === tasks.tasks) add(draft.tasks, readTask(fields, texts));
    else if (tag === tasks.unreachable) draft.ended.push(readEnded(fields));
    else if (tag === tasks.completed) completed.push(readEnded(fields));
    else fields.skip();
  fields.close(outer);
}

function readAgents(fields: ProtobufFields, draft: Draft): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === agents.agents) add(draft.agents, readAgent(fields));
    else if (tag === agents.recovered) add(draft.recoveredAgents, readAgentInfo(fields));
    else fields.skip();
  fields.close(outer);
}

function readEach(fields: ProtobufFields, wanted: number, read: () => void): void {
  const outer = fields.open();
  for (let tag = fields.next(); tag !== 0; tag = fields.next())
    if (tag === wanted) read();
    else fields.skip();
  fields.close(outer);
}

function add<T>(list: T[], value: T | undefined): void {
  if (value !== undefined) list.push(value);
}
