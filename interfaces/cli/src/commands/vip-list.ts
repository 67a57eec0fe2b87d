import type { CommandHandler } from "../command.ts";
import { MachineNames } from "../machine-names.ts";
import { tellAge } from "../names/table-age.ts";
import { hostOf, labelOf, readVips, type VipList } from "../names/vips.ts";
import { done } from "../refusal.ts";
import type { Session } from "../session.ts";

/** `tutti vip list`: every virtual IP, how many backends it has, and how many connections. */
export const vipList: CommandHandler = async (session) => {
  const listed = await readVips(session);
  if (!listed.ok) return listed;
  const { output } = session;
  const { vips } = listed.value;
  output.json({ vips });
  tellGaps(session, listed.value);
  await tellAge(session);
  if (vips.length === 0) {
    output.line('There are no virtual IPs. A port gets one by the label "VIP_0": "/name:80".');
    return done;
  }
  await output.table(
    ["virtual ip", "protocol", "address", "backends", "connections"],
    vips.map((vip) => [
      labelOf(vip),
      vip.protocol,
      `${hostOf(vip.address)}:${String(vip.port)}`,
      vip.backends.length === 0 ? output.style("red", "0") : String(vip.backends.length),
      String(vip.backends.reduce((sum, { connections }) => sum + connections, 0)),
    ]),
  );
  if (vips.some(({ backends }) => backends.length === 0)) {
    output.note(
      "A virtual IP without backends refuses connections; it goes away ten minutes after its last one.",
    );
  }
  return done;
};

/** What the answer lacks. */
export function tellGaps({ output, target }: Session, { silent, unavailable }: VipList): void {
  const names = new MachineNames(target.cluster);
  if (unavailable !== undefined) {
    output.note(`Virtual IPs are not served on the master's machine: ${unavailable}.`);
  }
  if (silent.length > 0) {
    const who = silent.slice(0, 3).map((ip) => names.nameOf(ip));
    const more =
      silent.length > who.length ? ` and ${String(silent.length - who.length)} more` : "";
    output.note(`Connections of ${who.join(", ")}${more} are not counted: no answer.`);
  }
}
