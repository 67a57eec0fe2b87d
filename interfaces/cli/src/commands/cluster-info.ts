import type { MarathonInfo } from "@tutti/marathon-v2";
import { readAgents } from "../agents.ts";
import type { CommandHandler } from "../command.ts";
import { done } from "../refusal.ts";

/** `tutti cluster info`: the cluster's addresses and what answers there. */
export const clusterInfo: CommandHandler = async (session) => {
  const { output, target } = session;
  const [info, agents] = await Promise.all([
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
    readAgents(session),
  ]);
  if (!agents.ok) return agents;
  if (!info.ok) return info;
  const active = agents.value.filter((agent) => agent.active).length;
  const answer = {
    id: target.cluster?.id ?? null,
    name: target.cluster?.name ?? null,
    masterUrl: target.masterUrl,
    marathonUrl: target.marathonUrl,
    marathonVersion: info.value.version,
    frameworkId: info.value.frameworkId ?? null,
    agents: { registered: agents.value.length, active },
    hasSecret: target.secret !== undefined,
  };
  output.json(answer);
  output.line(`cluster    ${answer.name ?? answer.id ?? "(named by its address)"}`);
  output.line(`master     ${answer.masterUrl}`);
  output.line(`Marathon   ${answer.marathonUrl} (${answer.marathonVersion})`);
  output.line(`agents     ${String(active)} of ${String(agents.value.length)} active`);
  return done;
};
