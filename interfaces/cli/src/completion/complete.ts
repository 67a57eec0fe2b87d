import type { AppInfo, DeploymentInfo, Task } from "@tutti/marathon-v2";
import { readAgentLists } from "../agents.ts";
import {
  type ArgumentKind,
  commandTable,
  launcherCommands,
  nouns,
  shells,
} from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { limits } from "../limits.ts";
import { nodesOf } from "../nodes.ts";
import { Output } from "../output.ts";
import type { Outcome } from "../refusal.ts";
import { openSession, type Session } from "../session.ts";
import { findTarget } from "../target.ts";
import { namesOf, readWords, type TypedLine } from "./read-words.ts";

/** Something that can stand at the cursor, with a few words about it. */
interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What a shell completes by itself. */
type ShellsOwn = "files" | "directories";

/**
 * What can stand in place of the last word of a command line, as lines for the completion scripts:
 * `value`, a tab, and what it is; or `:files` or `:directories` alone. Asks the cluster where it must, for a
 * bounded time, and is silent when that fails. Rule CLI60.
 */
export async function completeWords(words: readonly string[], context: CliContext): Promise<void> {
  const line = readWords(words);
  const found = await candidatesOf(line, context);
  if (typeof found === "string") {
    context.stdout.write(`:${found}\n`);
    return;
  }
  const { current, before } = line;
  const lines = found
    .flatMap(({ value, about }) =>
      shown(value, current).map((each) => `${before}${each}\t${about}\n`),
    )
    .slice(0, limits.candidatesMax);
  context.stdout.write(lines.join(""));
}

/** The candidate, when it begins as the word does; the first slash of an app may be left out. */
function shown(value: string, current: string): readonly string[] {
  if (value.startsWith(current)) return [value];
  const bare = value.slice(1);
  return value.startsWith("/") && current !== "" && bare.startsWith(current) ? [bare] : [];
}

async function candidatesOf(
  line: TypedLine,
  context: CliContext,
): Promise<readonly Candidate[] | ShellsOwn> {
  const { place } = line;
  switch (place.type) {
    case "command":
      return commands();
    case "verb":
      return commandTable
        .filter(({ noun }) => noun === place.noun)
        .map(({ verb, summary }) => ({ value: verb, about: summary }));
    case "option":
      return place.options.flatMap((option) =>
        namesOf(option)
          .filter((name) => name.startsWith("--"))
          .map((value) => ({ value, about: option.summary })),
      );
    case "launcherOption":
      return (context.launcherOptions?.[place.command] ?? []).map((value) => ({
        value,
        about: "",
      }));
    case "argument":
      return argumentsOf(place.kind, line, context);
    case "nothing":
      return [];
  }
}

function commands(): readonly Candidate[] {
  return [
    ...commandTable
      .filter(({ verb }) => verb === "")
      .map(({ noun, summary }) => ({ value: noun, about: summary })),
    ...Object.entries(nouns).map(([value, about]) => ({ value, about })),
    ...launcherCommands.map(({ name, summary }) => ({ value: name, about: summary })),
    { value: "help", about: "help of a command" },
  ];
}

async function argumentsOf(
  kind: ArgumentKind,
  line: TypedLine,
  context: CliContext,
): Promise<readonly Candidate[] | ShellsOwn> {
  if (kind === "file") return "files";
  if (kind === "directory") return "directories";
  if (kind === "shell") return shells.map((value) => ({ value, about: "" }));
  const session = await sessionOf(line, context);
  if (session === undefined) return [];
  if (kind === "app") return apps(session);
  if (kind === "deployment") return deployments(session);
  if (kind === "node") return nodes(session);
  if (kind === "vip") return vips(session);
  if (kind === "task") return tasks(session);
  return (await Promise.all([apps(session), tasks(session)])).flat();
}

/** A session of the cluster that the line names; it ends when the time is over. */
async function sessionOf({ values }: TypedLine, context: CliContext): Promise<Session | undefined> {
  const dir = values.get("dir");
  const url = values.get("url");
  const marathonUrl = values.get("marathon-url");
  const secret = values.get("secret");
  const target = await findTarget(context, {
    ...(dir === undefined ? {} : { dir }),
    ...(url === undefined ? {} : { url }),
    ...(marathonUrl === undefined ? {} : { marathonUrl }),
    ...(secret === undefined ? {} : { secret }),
  });
  if (!target.ok) return undefined;
  const signal = AbortSignal.timeout(limits.completionMs);
  return openSession({ ...context, signal }, target.value, new Output(context, false));
}

async function apps({ marathon }: Session): Promise<readonly Candidate[]> {
  const answer = await marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps?embed=apps.counts",
  });
  return each(answer, ({ apps: all }) =>
    all.map(({ id, instances, tasksRunning = 0 }) => ({
      value: id,
      about: `${String(tasksRunning)} of ${String(instances)} run`,
    })),
  );
}

async function tasks({ marathon }: Session): Promise<readonly Candidate[]> {
  const answer = await marathon.call<{ readonly tasks: readonly Task[] }>({ path: "/v2/tasks" });
  return each(answer, (body) =>
    body.tasks.map(({ id, state, host }) => ({
      value: id,
      about: `${state.replace(/^TASK_/, "").toLowerCase()} on ${host}`,
    })),
  );
}

async function deployments({ marathon }: Session): Promise<readonly Candidate[]> {
  const answer = await marathon.call<readonly DeploymentInfo[]>({ path: "/v2/deployments" });
  return each(answer, (all) =>
    all.map(({ id, affectedApps }) => ({ value: id, about: affectedApps.join(" ") })),
  );
}

/** Without their ports: a shell may take a colon for the end of a word. */
async function vips(session: Session): Promise<readonly Candidate[]> {
  const answer = await session.node.call<
    readonly { readonly vip: string; readonly backend: readonly unknown[] }[]
  >({ path: "/v1/vips" });
  return each(answer, (all) =>
    [...new Map(all.map(({ vip, backend }) => [vip.replace(/:\d+$/, ""), backend.length]))].map(
      ([value, count]) => ({ value, about: `${String(count)} backend${count === 1 ? "" : "s"}` }),
    ),
  );
}

/** Also those that the cluster should have, when the master does not answer. */
async function nodes(session: Session): Promise<readonly Candidate[]> {
  const answer = await readAgentLists(session);
  const known = nodesOf(
    answer.ok ? answer.value : { agents: [], recovered: [] },
    session.target.cluster,
  );
  return known.map(({ name, ip }) => ({ value: name, about: ip }));
}

function each<T>(
  answer: Outcome<T>,
  candidates: (value: T) => readonly Candidate[],
): readonly Candidate[] {
  const found = answer.ok ? candidates(answer.value) : [];
  return found.toSorted((left, right) => (left.value < right.value ? -1 : 1));
}
