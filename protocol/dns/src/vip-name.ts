import { toLabel, toLabels } from "./labels.ts";
import type { LabelFault } from "./vip-claim.ts";

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

/** The zone of VIPs' names. */
const zone = "l4lb.thisdcos.directory";

/** Of a part of a name between dots, and of a whole name (RFC 1035). */
const partUnitsMax = 63;
const nameUnitsMax = 253;

/** What DNS has no room for in a VIP's name: `given` as the label has it, `full` what it comes to. */
export function nameFault(given: string, full: string): LabelFault | undefined {
  const whole = `${full}.${zone}`;
  if (whole.length > nameUnitsMax) {
    const message = `"/${given}": its name ${whole} cannot be asked for: ${nameUnitsMax} characters are the most`;
    return { code: "VIP_NAME_CUT", message };
  }
  if (!given.split(".").some(isCut)) return oddFault(given, whole);
  const message = `"/${given}": a part of a name has ${partUnitsMax} characters at most; its name is ${whole}`;
  return { code: "VIP_NAME_CUT", message };
}

/** Characters that vanish without a word elsewhere: slashes and `_` are known to be no part of names. */
function oddFault(given: string, whole: string): LabelFault | undefined {
  if (/^[A-Za-z0-9._/-]*$/.test(given)) return undefined;
  const message = `"/${given}": only letters, digits, hyphens and dots are left of a name; its name is ${whole}`;
  return { code: "VIP_NAME_CUT", message };
}

/** Whether a label lacks characters that it would have if there were room. */
function isCut(part: string): boolean {
  if (part.length <= partUnitsMax) return false;
  const kept = part.replace(/[^A-Za-z0-9_-]/g, "");
  const first = kept.search(/[^_-]/);
  let end = kept.length;
  while (end > 0 && "_-".includes(kept.charAt(end - 1))) end -= 1;
  return first >= 0 && end - first > partUnitsMax;
}
