import { ok } from "@tutti/base";
import type { AppInfo, MarathonInfo } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { namesOfApp } from "../names/app-names.ts";
import { askName, type NameRecord } from "../names/ask-name.ts";
import { tellAge } from "../names/table-age.ts";
import { hostOf, vipZone } from "../names/vips.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import type { Session } from "../session.ts";
import { orUnknownApp } from "../unknown-app.ts";

/** `tutti dns NAME|APP`: what a name leads to, or which names an app has. */
export const dns: CommandHandler = async (session, [text = ""]) => {
  const names = text.startsWith("/") ? await namesOf(session, text) : ok(spellings(text));
  if (!names.ok) return names;
  const answers = await Promise.all(names.value.map((name) => askName(session, name)));
  const records: NameRecord[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    records.push(...answer.value);
  }
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
  const [shown, info] = await Promise.all([
    session.marathon.call<{ readonly app: AppInfo }>({ path: appPath(id.value) }),
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
  ]);
  if (!shown.ok) return orUnknownApp(session, id.value, shown);
  const { hosts, services } = namesOfApp(shown.value.app, info);
  return ok([...hosts, ...services]);
}
