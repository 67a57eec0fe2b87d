import { sharedVipFaults, toLabel, vipFaultsOf } from "@tutti/dns";
import type { AppWarning, VersionedApp } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { limits } from "../limits.ts";
import { taskNameOf } from "../offers/build-task.ts";
import { portFactsOf } from "../vip-facts.ts";
import type { World } from "../world.ts";

/** As many apps as are named in a warning. */
const namedMax = 3;

/** The longest hold of SIGTERM, in seconds; rule EXE17. */
const drainSecondsMax = 300;

/** What Marathon accepts in an app's definition although its owner may not want it. Rules MAR46 and MAR47. */
export function appWarnings(world: World, app: AppState): readonly AppWarning[] {
  const { visible } = app;
  if (visible === undefined) return nameWarnings(world, app);
  // In the words that discovery has for a task of it.
  const faults = vipFaultsOf(portFactsOf(visible), world.options.frameworkName ?? "marathon");
  const shared = world.names.sharedBy(app.id).flatMap(sharedVipFaults);
  return [
    ...nameWarnings(world, app),
    ...once([...faults, ...shared])
      .slice(0, limits.vipWarningsMax)
      .map(warningOf),
    ...drainWarnings(visible),
  ];
}

function warningOf({ code, message }: AppWarning): AppWarning {
  return { code, message: `${message.replace(/^label\b/, "Label")}.` };
}

/** One VIP for two protocols is one thing to say. */
function once(faults: readonly AppWarning[]): readonly AppWarning[] {
  return [...new Map(faults.map((fault) => [fault.message, fault])).values()];
}

/** Other apps with the same name in DNS. */
function nameWarnings(world: World, app: AppState): readonly AppWarning[] {
  const others = world.names.namesakesOf(app.id);
  if (others.length === 0) return [];
  const name = toLabel(taskNameOf(app.id));
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

/** A label `drainSeconds` that says no number of seconds, or one that is more than counts; rule EXE17. */
function drainWarnings(app: VersionedApp): readonly AppWarning[] {
  const all = [app.labels, ...app.portDefinitions.map(({ labels }) => labels)];
  const texts = new Set(all.flatMap(({ drainSeconds }) => drainSeconds ?? []));
  return [...texts].slice(0, namedMax).flatMap((text) => {
    const what = drainFault(text.trim());
    if (what === undefined) return [];
    const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    return [{ code: "DRAIN_SECONDS_INVALID", message: `Label drainSeconds: "${shown}" ${what}.` }];
  });
}

function drainFault(text: string): string | undefined {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text))
    return "is no number of seconds (such as 20): the app is stopped as if the label were not there";
  if (Number(text) <= drainSecondsMax) return undefined;
  return `is too long: connections are waited for ${String(drainSecondsMax)} seconds at most`;
}
