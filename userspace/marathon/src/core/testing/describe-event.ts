import type { CurrentStep, PublishedEvent } from "@tutti/marathon-v2";

/** An event in a line of a story. */
export function describeEvent(event: PublishedEvent): string {
  const fields = new Map<string, unknown>(Object.entries(event));
  const shown = shownFields.flatMap((name) => {
    const value = fields.get(name);
    return typeof value === "string" || typeof value === "boolean" ? [`${name}=${value}`] : [];
  });
  const actions =
    "currentStep" in event
      ? (event.currentStep as CurrentStep).actions.map(({ action, app }) => `${action} ${app}`)
      : [];
  return [event.eventType, ...shown, ...actions].join(" ");
}

const shownFields = [
  "appId",
  "runSpecId",
  "taskId",
  "instanceId",
  "taskStatus",
  "condition",
  "goal",
  "healthy",
  "reason",
  "host",
];
