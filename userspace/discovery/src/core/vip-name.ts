import { toLabel, toLabels } from "@tutti/dns";

/**
 * What a VIP's name becomes in DNS: slashes vanish, `_` becomes a hyphen, the parts between dots become labels
 * (dcos-net: `mesos_state:domain_frag`). "" when nothing remains.
 */
export function vipNameOf(name: string): string {
  return toLabels(name, toLabel);
}

/** The name below `l4lb.thisdcos.directory`: `web` of Marathon is `web.marathon`. "" when nothing remains. */
export function fullVipName(name: string, frameworkName: string): string {
  const own = vipNameOf(name);
  const framework = vipNameOf(frameworkName);
  return own === "" || framework === "" ? "" : `${own}.${framework}`;
}
