// A scheduler as the README of the package `mesos-framework` shows it: JSON, Mesos' v1 scheduler API.
// usage: node command-scheduler.cjs MASTER-IP. Prints one JSON line per status update; ends with TEARDOWN.
const { Scheduler, Mesos } = require("mesos-framework");

const mesos = Mesos.getMesos();
const scheduler = new Scheduler({
  masterUrl: process.argv[2],
  port: 5050,
  frameworkName: "foreign-json",
  logging: { level: "error" },
  restartStates: ["TASK_FAILED", "TASK_LOST", "TASK_ERROR", "TASK_FINISHED"],
  tasks: {
    short: {
      priority: 1,
      instances: 2,
      commandInfo: new mesos.CommandInfo(null, null, true, "sleep 1", null, null),
      resources: { cpus: 0.1, mem: 32, ports: 1, disk: 0 },
    },
  },
});

const seen = new Map();
let leaving = false;
scheduler.on("ready", () => scheduler.subscribe());
scheduler.on("subscribed", (told) => {
  process.stdout.write(`${JSON.stringify({ subscribed: told.frameworkId })}\n`);
});
scheduler.on("error", (error) => {
  // The master answers TEARDOWN by ending the stream, which this package tells as an error.
  if (leaving) process.exit(0);
  process.stdout.write(`${JSON.stringify({ error: String(error.message ?? error) })}\n`);
  process.exit(1);
});
scheduler.on("update", (update) => {
  const { state } = update.status;
  if (leaving) return;
  process.stdout.write(`${JSON.stringify({ state })}\n`);
  seen.set(state, (seen.get(state) ?? 0) + 1);
  // Two finished and two of their successors running: it launches, acknowledges and launches again.
  if ((seen.get("TASK_FINISHED") ?? 0) >= 2 && (seen.get("TASK_RUNNING") ?? 0) >= 4) {
    leaving = true;
    scheduler.teardown();
  }
});
setTimeout(() => process.exit(3), 60_000);
