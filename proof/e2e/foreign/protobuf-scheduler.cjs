// A scheduler that speaks protobuf with Mesos' own .proto files (as the package `mesos-framework` carries them) and
// protobufjs: no code of this repository. usage: node protobuf-scheduler.cjs MASTER-IP
// Launches `sleep 300`, sees it run, reconciles, kills it, tears down. Prints one JSON line per event.
const http = require("node:http");
const mesos = require("mesos-framework").Mesos.getMesos();

const { Call, Event } = mesos.scheduler;
const type = Call.Type;
const host = process.argv[2];
let streamId;
let frameworkId;
let launched = false;

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function post(call, onAnswer) {
  const body = new Call(call).encode().toBuffer();
  const headers = {
    "content-type": "application/x-protobuf",
    accept: "application/x-protobuf",
    "content-length": body.length,
    ...(streamId === undefined ? {} : { "mesos-stream-id": streamId }),
  };
  const request = http.request(
    { host, port: 5050, path: "/api/v1/scheduler", method: "POST", headers },
    (answer) => {
      if (onAnswer !== undefined) {
        onAnswer(answer);
        return;
      }
      answer.resume();
      if (answer.statusCode !== 202) say({ error: `${call.type}: ${answer.statusCode}` });
      if (call.type === type.TEARDOWN) process.exit(answer.statusCode === 202 ? 0 : 1);
    },
  );
  request.end(body);
}

function call(kind, fields) {
  post({ framework_id: frameworkId, type: kind, ...fields });
}

function scalar(name, value) {
  return { name, type: mesos.Value.Type.SCALAR, scalar: { value } };
}

function offered(offers) {
  const [offer] = offers;
  if (launched || offer === undefined) return;
  launched = true;
  const task = {
    name: "foreign",
    task_id: { value: "foreign-1" },
    agent_id: offer.agent_id,
    slave_id: offer.slave_id,
    command: { value: "sleep 300" },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  };
  const launch = { type: mesos.Offer.Operation.Type.LAUNCH, launch: { task_infos: [task] } };
  call(type.ACCEPT, { accept: { offer_ids: [offer.id], operations: [launch] } });
}

function updated(status) {
  const state = Object.keys(mesos.TaskState).find((name) => mesos.TaskState[name] === status.state);
  say({ state, reconciled: status.uuid === null });
  const { task_id, agent_id, slave_id } = status;
  if (status.uuid !== null) {
    call(type.ACKNOWLEDGE, { acknowledge: { task_id, agent_id, slave_id, uuid: status.uuid } });
    if (state === "TASK_RUNNING") {
      call(type.RECONCILE, { reconcile: { tasks: [{ task_id, agent_id, slave_id }] } });
    }
  } else if (state === "TASK_RUNNING") call(type.KILL, { kill: { task_id } });
  if (state === "TASK_KILLED") call(type.TEARDOWN, {});
}

function happened(event) {
  if (event.subscribed !== null) {
    frameworkId = event.subscribed.framework_id;
    say({ subscribed: frameworkId.value });
  }
  if (event.offers !== null) offered(event.offers.offers);
  if (event.update !== null) updated(event.update.status);
  if (event.error !== null) say({ error: event.error.message });
}

const framework_info = { user: "nobody", name: "foreign-protobuf" };
post({ type: type.SUBSCRIBE, subscribe: { framework_info } }, (answer) => {
  say({ status: answer.statusCode, contentType: answer.headers["content-type"] });
  streamId = answer.headers["mesos-stream-id"];
  let buffered = Buffer.alloc(0);
  answer.on("data", (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const newline = buffered.indexOf(10);
      if (newline === -1) return;
      const end = newline + 1 + Number(buffered.subarray(0, newline).toString());
      if (buffered.length < end) return;
      happened(Event.decode(buffered.subarray(newline + 1, end)));
      buffered = buffered.subarray(end);
    }
  });
});
setTimeout(() => process.exit(3), 60_000);
