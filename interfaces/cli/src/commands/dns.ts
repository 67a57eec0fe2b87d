import { ok } from "@tutti/base";
import type { AppInfo, MarathonInfo } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { isVipOf } from "../names/app-endpoints.ts";
import { namesOfApp } from "../names/app-names.ts";
import { askName, type NameRecord } from "../names/ask-name.ts";
import { tellAge } from "../names/table-age.ts";
import { hostOf, type Vip, vipZone } from "../names/vips.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import type { Session } from "../session.ts";
import { orUnknownApp } from "../unknown-app.ts";

/** `tutti dns NAME|APP`: what a name leads to, or which names an app has. */
export const dns: CommandHandler = async (session, [text = ""]) => {
  const found = await recordsOf(session, text);
  if (!found.ok) return found;
  const records = found.value;
  if (records.length === 0) {
    return refused("NOT_FOUND", `${text} leads nowhere at this moment.`, {
      hint: text.startsWith("/")
        ? `Names lead to instances that run: see ./tutti explain ${text}.`
        : "See the names of an app with ./tutti dns /APP, virtual IPs with ./tutti vip list.",
    });
  }
  const { output } = session;
  output.json({ query: text, records });
  await output.table(
    ["name", "type", "leads to"],
    records.map((record) => [record.name, record.type, answerText(record)]),
  );
  await tellAge(session);
  return done;
};

/** What a name leads to; of what is no name that leads somewhere, the names of the app that is called so. */
async function recordsOf(session: Session, text: string): Promise<Outcome<readonly NameRecord[]>> {
  if (!text.startsWith("/")) {
    const found = await askAll(session, spellings(text));
    if (!found.ok || found.value.length > 0 || !parseAppArgument(text).ok) return found;
    const names = await namesOf(session, text);
    // Neither a name nor an app: then it was meant as a name.
    return names.ok ? askAll(session, names.value) : found;
  }
  const names = await namesOf(session, text);
  return names.ok ? askAll(session, names.value) : names;
}

async function askAll(
  session: Session,
  names: readonly string[],
): Promise<Outcome<readonly NameRecord[]>> {
  const answers = await Promise.all(names.map((name) => askName(session, name)));
  const records: NameRecord[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    records.push(...answer.value);
  }
  return ok(records);
}

function answerText({ type, address, port, host }: NameRecord): string {
  if (type !== "SRV") return address;
  return `${hostOf(address)}:${String(port)}${host === undefined || host === "" ? "" : ` (${host})`}`;
}

const knownZones = /(?:^|\.)(?:mesos|thisdcos\.directory|thisdcos\.global|zk|localhost)$/;

/** The name as it is; one without a zone of the cluster also in the zones where it may be meant. */
function spellings(text: string): readonly string[] {
  const name = text.toLowerCase().replace(/\.$/, "");
  if (knownZones.test(name)) return [name];
  if (name.startsWith("_")) return [name, `${name}.mesos`];
  return [name, `${name}.mesos`, `${name}.${vipZone}`];
}

async function namesOf(session: Session, text: string): Promise<Outcome<readonly string[]>> {
  const id = parseAppArgument(text);
  if (!id.ok) return id;
  const [shown, info, detail] = await Promise.all([
    session.marathon.call<{ readonly app: AppInfo }>({
      path: `${appPath(id.value)}?embed=app.tasks`,
    }),
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
    session.node.call<{ readonly vips: readonly Vip[] }>({ path: "/v1/vips/detail" }),
  ]);
  if (!shown.ok) return orUnknownApp(session, id.value, shown);
  const { app } = shown.value;
  const { hosts, services } = namesOfApp(app, info);
  const running = (app.tasks ?? []).filter(({ state }) => state === "TASK_RUNNING");
  const tasks = new Set(running.map((task) => task.id));
  // A cluster that serves no virtual IPs has no names of them.
  const vips = detail.ok ? detail.value.vips.filter((vip) => isVipOf(vip, app, tasks)) : [];
  return ok([...new Set([...hosts, ...vips.flatMap((vip) => vip.names), ...services])]);
}
