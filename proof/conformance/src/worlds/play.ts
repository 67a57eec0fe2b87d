import { eventually, TestAgent, TestScheduler } from "./http-world.ts";
import type { World } from "./http-world.ts";

const uuid = (letter: string): string => Buffer.from(letter.repeat(16)).toString("base64");

/** One completed framework with a completed task, one more that came back, then the one that reads. */
export async function play(world: World): Promise<{ agent: TestAgent; reads: TestScheduler }> {
  const agent = await TestAgent.dial(world);
  const simple = await TestScheduler.subscribe(world, { name: "simple", failover_timeout: 0 });
  await launch(agent, simple, "t-op");
  await report(agent, simple, "t-op", "TASK_FINISHED", "c");
  await simple.call({ type: "TEARDOWN" });
  const first = await TestScheduler.subscribe(world, { name: "err" });
  const id = { value: await first.frameworkId() };
  const second = await TestScheduler.subscribe(world, { name: "err", id });
  await second.call({ type: "TEARDOWN" });
  const reads = await TestScheduler.subscribe(world, { name: "reads" });
  return { agent, reads };
}

/** Launches a task on all that is offered; it runs when this resolves. */
export async function launch(
  agent: TestAgent,
  scheduler: TestScheduler,
  id: string,
): Promise<void> {
  const offers = await eventually("an open offer", () => {
    const open = scheduler.openOffers();
    return open.length === 0 ? undefined : open;
  });
  await scheduler.call({
    type: "ACCEPT",
    accept: {
      offer_ids: offers.map((offer) => offer.id),
      operations: [
        {
          type: "LAUNCH",
          launch: {
            task_infos: [
              {
                name: id,
                task_id: { value: id },
                agent_id: { value: await agent.id() },
                resources: [
                  { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
                  { name: "mem", type: "SCALAR", scalar: { value: 32 } },
                ],
                command: { value: "sleep 1000" },
                ...(id === "t-op" ? {} : { labels: { labels: [{ key: "a", value: "b" }] } }),
              },
            ],
          },
        },
      ],
      filters: { refuse_seconds: 0 },
    },
  });
  await agent.message("launchTask", (message) => message.task.task_id.value === id);
  await report(agent, scheduler, id, "TASK_STARTING", "a");
  await report(agent, scheduler, id, "TASK_RUNNING", "b");
}

/** The agent reports a state, the scheduler acknowledges it. */
export async function report(
  agent: TestAgent,
  scheduler: TestScheduler,
  id: string,
  state: "TASK_STARTING" | "TASK_RUNNING" | "TASK_FINISHED" | "TASK_KILLED" | "TASK_KILLING",
  letter: string,
): Promise<void> {
  const frameworkId = await scheduler.frameworkId();
  const status = {
    task_id: { value: id },
    state,
    ...(state === "TASK_FINISHED" ? { message: "Command exited with status 0" } : {}),
    source: "SOURCE_EXECUTOR" as const,
    agent_id: { value: await agent.id() },
    executor_id: { value: id },
    timestamp: 1_795_339_590.5,
    uuid: uuid(letter),
    container_status: {
      container_id: { value: "c" },
      network_infos: [{ ip_addresses: [{ protocol: "IPv4" as const, ip_address: "127.0.0.1" }] }],
    },
  };
  await agent.post({ type: "statusUpdate", frameworkId, status, latestState: state });
  await scheduler.event((event) =>
    event.update?.status.task_id.value === id && event.update.status.state === state
      ? event
      : undefined,
  );
  await scheduler.call({
    type: "ACKNOWLEDGE",
    acknowledge: {
      agent_id: { value: await agent.id() },
      task_id: { value: id },
      uuid: status.uuid,
    },
  });
  await agent.message(
    "acknowledgeStatus",
    (message) => message.taskId === id && message.uuid === status.uuid,
  );
}
