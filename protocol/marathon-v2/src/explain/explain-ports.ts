import type { MachineFacts } from "./facts.ts";
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

/** A port that is not free on a machine. */
interface Taken {
  readonly port: number;
  readonly holder: string | undefined;
  readonly machine: string;
}

const portsShownMax = 5;
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
  const ports = joined(numbers.slice(0, portsShownMax).map(String), "and");
  return [
    {
      reason: "PORTS_TAKEN",
      detail: `${who} ${isOne ? "needs" : "each need"} port${numbers.length === 1 ? "" : "s"} ${ports}: ${shown.join("; ")}.`,
      advice: isOwn
        ? "Add a machine, lower the number of instances, or set requirePorts to false."
        : "Stop what has the port, choose another one, or set requirePorts to false.",
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
