import { eventually } from "./http-world.ts";
import type { TestScheduler } from "./http-world.ts";

/** Launches a command on a real agent; it runs when this resolves. */
export async function runTask(scheduler: TestScheduler, id: string, value: string): Promise<void> {
  const offer = await eventually("an open offer", () => scheduler.openOffers()[0]);
  await scheduler.call({
    type: "ACCEPT",
    accept: {
      offer_ids: [offer.id],
      operations: [
        {
          type: "LAUNCH",
          launch: {
            task_infos: [
              {
                name: id,
                task_id: { value: id },
                agent_id: offer.agent_id,
                resources: [
                  { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
                  { name: "mem", type: "SCALAR", scalar: { value: 32 } },
                ],
                command: { value },
              },
            ],
          },
        },
      ],
    },
  });
  for (const state of ["TASK_STARTING", "TASK_RUNNING"]) {
    const status = await scheduler.event(({ update }) =>
      update?.status.task_id.value === id && update.status.state === state
        ? update.status
        : undefined,
    );
    const { agent_id, task_id, uuid = "" } = status;
    await scheduler.call({
      type: "ACKNOWLEDGE",
      acknowledge: { agent_id: agent_id ?? offer.agent_id, task_id, uuid },
    });
  }
}
