import { toLabel } from "@tutti/dns";
import type { AppWarning } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { taskNameOf } from "../offers/build-task.ts";
import type { World } from "../world.ts";

/** As many apps as are named in a warning. */
const namedMax = 3;

/** What Marathon accepts in an app's definition although its owner may not want it. Rule MAR46. */
export function appWarnings(world: World, app: AppState): readonly AppWarning[] {
  const name = toLabel(taskNameOf(app.id));
  const others: string[] = [];
  for (const other of world.apps.values()) {
    if (other === app || other.visible === undefined) continue;
    if (toLabel(taskNameOf(other.id)) === name) others.push(other.id);
  }
  if (others.length === 0) return [];
  const shown = others.slice(0, namedMax).join(", ");
  const more = others.length > namedMax ? ` and ${String(others.length - namedMax)} more` : "";
  return [
    {
      code: "NAMES_COLLAPSE",
      message:
        `In DNS it has the same name (${name}) as ${shown}${more}: ` +
        "who asks for it is led to instances of all of them.",
    },
  ];
}
