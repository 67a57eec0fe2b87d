import { messages, parseJson, protobufCodec } from "@tutti/mesos-v1";
import type { MasterEvent } from "@tutti/mesos-v1";
import fc from "fast-check";
import { expect, test } from "vitest";
import { eventFromProtobuf } from "./event-from-protobuf.ts";
import { eventFromWire } from "./from-wire.ts";
import { SharedTexts } from "./shared-texts.ts";
import { ModelMaster } from "./testing/model-master.ts";

const { MasterEvent: masterEvent } = messages;
const text = fc.oneof(fc.constantFrom("a", "Grüße", "日本", "", "10.0.0.7"), fc.string());
const id = fc.record({ value: text });
const port = fc.integer({ min: 0, max: 70_000 });
const state = fc.constantFrom(
  ...["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_LOST"],
  ...["TASK_STAGING", "TASK_ERROR", "TASK_KILLING", "TASK_DROPPED", "TASK_UNREACHABLE"],
  ...["TASK_GONE", "TASK_GONE_BY_OPERATOR", "TASK_UNKNOWN"],
);

/** Fields that may all be missing. */
function some(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return fc.record(fields, { requiredKeys: [] });
}

/** Mesos leaves lists out that are empty. */
function many(one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.array(one, { minLength: 1, maxLength: 3 });
}

const labels = some({
  labels: many(
    fc.record({
      key: fc.oneof(fc.constantFrom("VIP_0", "vip", "VIP_PORT0", "network-scope"), text),
      value: fc.oneof(fc.constantFrom("/x:80", "/x:80,/y:81", "1.2.3.4:5", "container"), text),
    }),
  ),
});
const mapping = fc.record({ host_port: port, container_port: port });
const network = some({
  ip_addresses: many(
    some({
      protocol: fc.constantFrom("IPv4", "IPv6"),
      ip_address: fc.constantFrom("10.0.0.7", "9.0.0.1", "fd00::1", "no"),
    }),
  ),
  port_mappings: many(mapping),
  labels,
});
const status = fc.record({ task_id: id, state }).chain((required) =>
  some({
    healthy: fc.boolean(),
    timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }),
    message: text,
    container_status: some({ network_infos: many(network), executor_pid: fc.nat(9) }),
  }).map((rest) => ({ ...required, ...rest })),
);
const resource = fc.oneof(
  fc.record({
    name: fc.constantFrom("ports", "other"),
    type: fc.constant("RANGES"),
    ranges: some({ range: many(fc.record({ begin: port, end: port })) }),
  }),
  fc.record({
    name: fc.constant("cpus"),
    type: fc.constant("SCALAR"),
    scalar: fc.record({ value: fc.constant(0.5) }),
  }),
);
const discovery = fc
  .record({ visibility: fc.constantFrom("FRAMEWORK", "CLUSTER", "EXTERNAL") })
  .chain((required) =>
    some({
      name: text,
      labels,
      ports: some({
        ports: many(
          fc.record({ number: port }).chain((numbered) =>
            some({
              name: text,
              protocol: fc.constantFrom("tcp", "udp", "tcp,udp", "TCP", "sctp", ""),
              labels,
            }).map((rest) => ({ ...numbered, ...rest })),
          ),
        ),
      }),
    }).map((rest) => ({ ...required, ...rest })),
  );
const container = some({
  network_infos: many(network),
  docker: fc
    .record({ image: text })
    .chain((image) =>
      some({ port_mappings: many(mapping) }).map((rest) => ({ ...image, ...rest })),
    ),
}).map((rest) => ({ type: "MESOS", ...rest }));
const task = fc
  .record({ name: text, task_id: id, framework_id: id, agent_id: id, state })
  .chain((required) =>
    some({
      resources: many(resource),
      statuses: many(status),
      labels,
      discovery,
      container,
      health_check: fc.constant({ type: "TCP", tcp: { port: 80 } }),
      user: text,
    }).map((rest) => ({ ...required, ...rest })),
  );
const agentInfo = fc
  .record({ hostname: text })
  .chain((required) =>
    some({ id, port, resources: many(resource) }).map((rest) => ({ ...required, ...rest })),
  );
const agent = fc
  .record({ agent_info: agentInfo, active: fc.boolean(), version: text })
  .chain((required) =>
    some({ pid: fc.constantFrom("slave(1)@10.0.0.7:5051", "x@[fd00::1]:1", "no") }).map((rest) => ({
      ...required,
      ...rest,
    })),
  );
const frameworkInfo = fc
  .record({ user: text, name: text })
  .chain((required) =>
    some({ id, hostname: text, webui_url: fc.constantFrom("http://10.0.0.1:8080/x", "no") }).map(
      (rest) => ({ ...required, ...rest }),
    ),
  );
const framework = fc.record({
  framework_info: frameworkInfo,
  active: fc.boolean(),
  connected: fc.boolean(),
  recovered: fc.boolean(),
});
const event = fc.oneof(
  some({
    get_tasks: some({
      tasks: many(task),
      unreachable_tasks: many(task),
      completed_tasks: many(task),
      pending_tasks: many(task),
    }),
    get_agents: some({ agents: many(agent), recovered_agents: many(agentInfo) }),
    get_frameworks: some({ frameworks: many(framework), completed_frameworks: many(framework) }),
  }).map((get_state) => ({ type: "SUBSCRIBED", subscribed: { get_state } })),
  task.map((one) => ({ type: "TASK_ADDED", task_added: { task: one } })),
  fc
    .record({ framework_id: id, status, state })
    .map((one) => ({ type: "TASK_UPDATED", task_updated: one })),
  agent.map((one) => ({ type: "AGENT_ADDED", agent_added: { agent: one } })),
  id.map((one) => ({ type: "AGENT_REMOVED", agent_removed: { agent_id: one } })),
  framework.map((one) => ({ type: "FRAMEWORK_ADDED", framework_added: { framework: one } })),
  framework.map((one) => ({ type: "FRAMEWORK_UPDATED", framework_updated: { framework: one } })),
  frameworkInfo.map((one) => ({
    type: "FRAMEWORK_REMOVED",
    framework_removed: { framework_info: one },
  })),
  fc.constant({ type: "HEARTBEAT" }),
);

/** The message that the JSON says, and its bytes. */
function written(json: unknown): { readonly message: MasterEvent; readonly bytes: Uint8Array } {
  const read = parseJson(masterEvent, JSON.stringify(json));
  if (!read.ok) throw new Error(read.error.message);
  return { message: read.value, bytes: protobufCodec.encode(masterEvent, read.value) };
}

test("[DSC7] an event says the same in Protocol Buffers as in JSON", () => {
  const texts = new SharedTexts();
  fc.assert(
    fc.property(event, (json) => {
      const { message, bytes } = written(json);
      expect(eventFromProtobuf(bytes, texts)).toEqual(eventFromWire(message));
    }),
    { numRuns: 300 },
  );
});

test("[DSC7] bytes that are cut or changed are refused or read, and nothing worse", () => {
  fc.assert(
    fc.property(event, fc.nat(), fc.nat(255), fc.nat(), (json, at, byte, cut) => {
      const { bytes } = written(json);
      const changed = bytes.slice(0, bytes.length - (cut % (bytes.length + 1)));
      if (changed.length > 0) changed[at % changed.length] = byte;
      try {
        eventFromProtobuf(changed, new SharedTexts());
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
    { numRuns: 300 },
  );
});

test("[DSC7] a snapshot of a cluster reads the same both ways", () => {
  const master = new ModelMaster(["S0", "S1"], new Map([["F0", "marathon"]]));
  master.launch({
    ...{ frameworkId: "F0", taskId: "t", name: "web", agentId: "S0", hostPort: 31_000 },
    ...{ labels: { VIP_0: "/web:80" }, isChecked: true, state: "TASK_RUNNING", healthy: true },
  });
  const json = master.snapshot();
  const event = eventFromProtobuf(written(json).bytes, new SharedTexts());
  expect(event).toEqual(eventFromWire(json));
  expect(event).toMatchObject({ tasks: [{ taskId: "t", healthy: true, claims: [{ port: 80 }] }] });
});
