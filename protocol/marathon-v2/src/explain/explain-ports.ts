import type { MachineFacts, PortRange } from "./facts.ts";
import type { Finding } from "./finding.ts";
import type { Waiting } from "./waiting.ts";
import { joined, namesOf } from "./words.ts";

/** Machines that have fewer free ports than are needed. Rule WHY5. */
export function explainPorts(
  here: readonly MachineFacts[],
  { who, isOne }: Waiting,
  needed: number,
): readonly Finding[] {
  const lacking = here.flatMap(({ name, lack }) =>
    lack?.type === "ports" ? [{ name, free: lack.free }] : [],
  );
  const most = lacking.toSorted((left, right) => right.free - left.free)[0];
  if (most === undefined) return [];
  const needs = isOne ? "needs" : "each need";
  return [
    {
      reason: "INSUFFICIENT_PORTS",
      detail: `${who} ${needs} ${String(needed)} free ports on one machine; ${most.name} has the most, ${String(most.free)}.`,
      advice: "Ask for fewer ports, or add a machine.",
    },
  ];
}

const portsShownMax = 5;

/** Ports that must be these and that machines never offer. Rule WHY5. */
export function explainUnoffered(
  here: readonly MachineFacts[],
  { who, isOne }: Waiting,
): readonly Finding[] {
  const groups = new Map<
    string,
    { wanted: readonly number[]; machines: string[]; offered: PortRange[] }
  >();
  for (const { name, lack } of here) {
    if (lack?.type !== "unofferedPorts") continue;
    const ports = portsText(lack.ports);
    const { machines = [], offered = [] } = groups.get(ports) ?? {};
    groups.set(ports, {
      wanted: lack.ports,
      machines: [...machines, name],
      offered: [...offered, ...lack.offered],
    });
  }
  return [...groups].map(([ports, { wanted, machines, offered }]) => {
    const isAlone = machines.length === 1;
    const its = offeredText(offered, isAlone ? "its" : "their", wanted);
    return {
      reason: "PORTS_NOT_OFFERED",
      detail: `${who} ${isOne ? "needs" : "each need"} ${ports}, which ${namesOf(machines)} ${isAlone ? "does" : "do"} not offer: ${its}.`,
      advice: "Choose a port that machines offer, or set requirePorts to false.",
    };
  });
}

function offeredText(
  offered: readonly PortRange[],
  whose: string,
  wanted: readonly number[],
): string {
  if (offered.length === 0) return `${whose === "its" ? "it offers" : "they offer"} no ports`;
  const begin = Math.min(...offered.map((range) => range.begin));
  const end = Math.max(...offered.map((range) => range.end));
  const isWhole = offered.every((range) => range.begin === begin && range.end === end);
  const between = wanted.filter((port) => port >= begin && port <= end).slice(0, portsShownMax);
  const without = between.length === 0 ? "" : `, without ${joined(between.map(String), "and")}`;
  return `${whose} ports are ${isWhole ? "" : "some of "}${String(begin)} to ${String(end)}${without}`;
}

/** `port 80`, `ports 80 and 443`; at most five. */
function portsText(ports: readonly number[]): string {
  return `port${ports.length === 1 ? "" : "s"} ${joined(ports.slice(0, portsShownMax).map(String), "and")}`;
}

/** A port that is not free on a machine. */
interface Taken {
  readonly port: number;
  readonly holder: string | undefined;
  readonly machine: string;
}

const holdersShownMax = 3;

/** Ports that must be these and are not free. Rule WHY5. */
export function explainTaken(
  here: readonly MachineFacts[],
  { who, isOne }: Waiting,
  id: string,
): readonly Finding[] {
  const taken = here.flatMap(({ name: machine, lack }) =>
    lack?.type === "takenPorts"
      ? lack.ports.map(({ port, holder }): Taken => ({ port, holder, machine }))
      : [],
  );
  if (taken.length === 0) return [];
  const numbers = [...new Set(taken.map(({ port }) => port))];
  const holders = holderTexts(taken, { id, isOnePort: numbers.length === 1 });
  const shown = holders.slice(0, holdersShownMax);
  if (holders.length > shown.length) shown.push("and so on");
  const isOwn = taken.every(({ holder }) => holder === id);
  return [
    {
      reason: "PORTS_TAKEN",
      detail: `${who} ${isOne ? "needs" : "each need"} ${portsText(numbers)}: ${shown.join("; ")}.`,
      advice: isOwn
        ? "Add a machine, lower the number of instances, or set requirePorts to false."
        : taken.some(({ holder }) => holder !== undefined)
          ? "Stop what has the port, choose another one, or set requirePorts to false."
          : "Choose another port, or set requirePorts to false.",
    },
  ];
}

/** Who has which port, the machines of each put together. */
function holderTexts(
  taken: readonly Taken[],
  { id, isOnePort }: { readonly id: string; readonly isOnePort: boolean },
): readonly string[] {
  const machines = new Map<string, string[]>();
  for (const { port, holder, machine } of taken) {
    const it = isOnePort ? "it" : String(port);
    const who = holder === id ? "an instance of its own" : holder;
    const text = who === undefined ? `${it} is not free` : `${who} has ${it}`;
    const known = machines.get(text);
    if (known === undefined) machines.set(text, [machine]);
    else known.push(machine);
  }
  return [...machines].map(([text, on]) => `${text} on ${namesOf(on)}`);
}
