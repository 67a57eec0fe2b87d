import { toLabel, vipFaultsOf } from "@tutti/dns";
import type { LabelFault, WireLabel } from "@tutti/dns";
import type { AppWarning, VersionedApp } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { limits } from "../limits.ts";
import { taskNameOf } from "../offers/build-task.ts";
import type { World } from "../world.ts";

/** As many apps as are named in a warning. */
const namedMax = 3;

/** What Marathon accepts in an app's definition although its owner may not want it. Rules MAR46 and MAR47. */
export function appWarnings(world: World, app: AppState): readonly AppWarning[] {
  const { visible } = app;
  const ofVips =
    visible === undefined ? [] : vipFaults(visible, world.options.frameworkName ?? "marathon");
  return [...nameWarnings(world, app), ...ofVips.slice(0, limits.vipWarningsMax).map(warningOf)];
}

/** What is wrong with its VIP labels, in the words that discovery has for a task of it. */
function vipFaults(app: VersionedApp, frameworkName: string): readonly LabelFault[] {
  const ports = app.portDefinitions.map(({ name, protocol, labels }) => ({
    ...{ number: anyPort, name, protocol, labels: toWire(labels) },
  }));
  const resourcePorts = ports.map(({ number }) => number);
  const isOnMachineNetwork = app.networks.every(({ mode }) => mode === "host");
  const facts = {
    ...{ labels: toWire(app.labels), ports, resourcePorts, mappings: [], isOnMachineNetwork },
  };
  return vipFaultsOf(facts, frameworkName);
}

/** Which port an instance gets is not known yet, and is right in any case. */
const anyPort = 1;

function toWire(labels: Readonly<Record<string, string>>): readonly WireLabel[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}

function warningOf({ code, message }: LabelFault): AppWarning {
  return { code, message: `${message.replace(/^label\b/, "Label")}.` };
}

/** Other apps with the same name in DNS. */
function nameWarnings(world: World, app: AppState): readonly AppWarning[] {
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
