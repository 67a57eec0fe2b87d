import type { AppInput } from "@tutti/marathon-v2";
import { addressOf } from "@tutti/simulator";

/** The port of the VIPs of seeds. */
export const vipPort = 80;

/** The app with a VIP of its own at its first port; one without ports has none. */
export function withVip(input: AppInput): AppInput {
  const [first, ...rest] = input.portDefinitions ?? [];
  if (first === undefined) return input;
  const labels = { VIP_0: `/${labelOf(input.id ?? "")}:${vipPort}` };
  return { ...input, portDefinitions: [{ ...first, labels }, ...rest] };
}

/** The name of an app's VIP, as DNS answers it. */
export function vipNameOf(appId: string): string {
  return `${labelOf(appId)}.marathon.l4lb.thisdcos.directory`;
}

/** The name of an app's tasks in the zone of Mesos-DNS: `/shop/app1` is `app1-shop`. */
export function taskNameOf(appId: string): string {
  return `${appId.split("/").filter(Boolean).toReversed().join("-")}.marathon.mesos`;
}

/** The key of a VIP in the kernel. */
export function vipKeyOf(address: string): string {
  return `${address} . tcp . ${vipPort}`;
}

/** A port of a machine as the kernel spells a backend. */
export function backendOf(node: string, port: number): string {
  return `${addressOf(node)} . ${port}`;
}

function labelOf(appId: string): string {
  return appId.split("/").filter(Boolean).join("-");
}
