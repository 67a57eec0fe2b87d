import { inside } from "../inside-machine.ts";
import { runInside } from "../inside-process.ts";
import type { ModelTask } from "./model-master.ts";

/** A question to a machine's DNS, and its answer: sorted addresses, `address:port` of services, or an error's code. */
export type NameQuestion = readonly ["A" | "SRV", string];
export type NameAnswer = readonly string[] | string;

/** Asks the DNS of a machine, from within it. */
export async function askNames(
  namespace: string,
  questions: readonly NameQuestion[],
): Promise<readonly NameAnswer[]> {
  const text = await runInside(namespace, "names.cjs", JSON.stringify(questions));
  return JSON.parse(text) as readonly NameAnswer[];
}

/** One element of a set or map in the JSON of nft. */
type Element = { readonly concat: readonly (string | number)[] };

interface Listing {
  readonly set?: { readonly name: string; readonly elem?: readonly Element[] };
  readonly map?: {
    readonly name: string;
    readonly elem?: readonly (readonly [Element, Element])[];
  };
}

/**
 * The kernel's virtual IPs of a machine: `address:port`, and the backends in its slots, sorted, each once. Throws when
 * a VIP is in two size classes, lacks slots, or has slots without being a VIP.
 */
export async function kernelVips(
  namespace: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await inside(namespace, "nft", "-j", "list", "table", "ip", "tutti_vip");
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly Listing[] };
  const slots = new Map<string, string[]>();
  const counts = new Map<string, number>();
  for (const { map } of nftables)
    for (const [key, value] of map?.elem ?? []) {
      const [address, , port] = key.concat;
      const vip = `${String(address)}:${String(port)} ${classOf(map?.name)}`;
      counts.set(vip, (counts.get(vip) ?? 0) + 1);
      const backends = slots.get(vip) ?? [];
      slots.set(vip, backends);
      const backend = value.concat.join(":");
      if (!backends.includes(backend)) backends.push(backend);
    }
  const vips = new Map<string, readonly string[]>();
  for (const { set } of nftables) {
    if (set?.name.startsWith("vips_") !== true) continue;
    for (const element of set.elem ?? []) {
      const [address, , port] = element.concat;
      const name = `${String(address)}:${String(port)}`;
      const vip = `${name} ${classOf(set.name)}`;
      if (vips.has(name)) throw new Error(`${name} is in two size classes`);
      if (counts.get(vip) !== Number(classOf(set.name)))
        throw new Error(`${vip} has ${String(counts.get(vip))} slots`);
      vips.set(name, slots.get(vip)?.toSorted() ?? []);
    }
  }
  if (slots.size !== vips.size) throw new Error("slots of a VIP that is none");
  return vips;
}

/** `slots_8` and `vips_8` are of class 8. */
function classOf(name: string | undefined): string {
  return name?.split("_")[1] ?? "";
}

/** The names of the model's apps as a machine must answer them; `names` are all that ever were. */
export function trueNames(
  tasks: readonly ModelTask[],
  names: readonly string[],
): ReadonlyMap<NameQuestion, NameAnswer> {
  const truth = new Map<NameQuestion, NameAnswer>();
  for (const name of names) {
    const own = tasks.filter((task) => task.name === name);
    const found = (list: readonly string[]): NameAnswer =>
      list.length === 0 ? "ENOTFOUND" : [...new Set(list)].toSorted();
    truth.set(["A", `${name}.marathon.mesos`], found(own.map(({ agent }) => agent.address)));
    truth.set(
      ["SRV", `_${name}._tcp.marathon.mesos`],
      found(own.map(({ agent, port }) => `${agent.address}:${String(port)}`)),
    );
  }
  return truth;
}

/** The VIPs of the model's tasks that have backends: label, and backends, sorted. */
export function trueVips(tasks: readonly ModelTask[]): ReadonlyMap<string, readonly string[]> {
  const vips = new Map<string, string[]>();
  for (const { agent, port, healthy, vips: labels } of tasks) {
    if (!healthy) continue;
    for (const label of labels) {
      const backends = vips.get(label) ?? [];
      vips.set(label, backends);
      backends.push(`${agent.address}:${String(port)}`);
    }
  }
  return new Map([...vips].map(([label, backends]) => [label, backends.toSorted()]));
}

/**
 * What is wrong on a machine, one sentence each: its DNS and the kernel's maps are compared with the model, and no
 * more and no less may be there. A VIP without backends may keep its name.
 */
export async function differences(
  namespace: string,
  tasks: readonly ModelTask[],
  names: readonly string[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const truth = trueNames(tasks, names);
  const vips = trueVips(tasks);
  const named = [...vips.keys()].filter((label) => label.startsWith("/"));
  const vipNames = named.map((label): NameQuestion => {
    const [name = ""] = label.slice(1).split(":");
    return ["A", `${name}.marathon.l4lb.thisdcos.directory`];
  });
  const answers = await askNames(namespace, [...truth.keys(), ...vipNames]);
  for (const [index, [question, expected]] of [...truth].entries()) {
    const answer = answers[index];
    if (JSON.stringify(answer) !== JSON.stringify(expected))
      wrong.push(`${question.join(" ")} is ${String(answer)} instead of ${String(expected)}`);
  }
  const expectedVips = new Map<string, readonly string[]>();
  for (const [label, backends] of vips) {
    const index = named.indexOf(label);
    const answer = index === -1 ? undefined : answers[truth.size + index];
    if (index === -1) expectedVips.set(label, backends);
    else if (typeof answer === "object" && answer.length === 1)
      expectedVips.set(`${answer[0] ?? ""}:${label.split(":")[1] ?? ""}`, backends);
    else wrong.push(`the name of ${label} is ${String(answer)}`);
  }
  const held = await kernelVips(namespace);
  for (const [vip, backends] of expectedVips)
    if (held.get(vip)?.join() !== backends.join())
      wrong.push(`${vip} leads to ${String(held.get(vip))} instead of ${backends.join()}`);
  for (const [vip, backends] of held)
    if (!expectedVips.has(vip)) wrong.push(`${vip} leads to ${backends.join()}, and is no VIP`);
  return wrong;
}
