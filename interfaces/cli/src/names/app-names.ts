import { toLabel, toLabels } from "@tutti/dns";
import type { AppInfo, MarathonInfo } from "@tutti/marathon-v2";
import type { Outcome } from "../refusal.ts";

/** The names under which an app can be found, while some instance of it runs. */
export interface AppNames {
  /** Names of addresses. */
  readonly hosts: readonly string[];
  /** Names of addresses with ports (SRV). */
  readonly services: readonly string[];
}

/** The names of an app of the Marathon that gave this answer, as Mesos-DNS and dcos-net make them; none when nothing remains of its id. */
export function namesOfApp(
  app: Pick<AppInfo, "id" | "portDefinitions">,
  info: Outcome<Partial<MarathonInfo>>,
): AppNames {
  const framework = info.ok ? info.value.name : undefined;
  const label = toLabel(app.id.slice(1).split("/").toReversed().join("."));
  const owner = toLabels(framework ?? "marathon", toLabel);
  if (label === "" || owner === "") return { hosts: [], services: [] };
  const base = `${label}.${owner}`;
  const ports = (app.portDefinitions ?? []).flatMap(({ name, protocol }) =>
    name === undefined || toLabel(name) === ""
      ? []
      : protocol.split(",").map((each) => `_${toLabel(name)}._${label}._${each}.${owner}.mesos`),
  );
  return {
    hosts: [
      `${base}.mesos`,
      ...["autoip", "containerip", "agentip"].map((kind) => `${base}.${kind}.dcos.${zone}`),
    ],
    services: [`_${label}._tcp.${owner}.mesos`, ...ports],
  };
}

const zone = "thisdcos.directory";
