import type { CommandHandler, LocalHandler } from "./command.ts";

/** What a shell may offer for an argument. */
export type ArgumentKind =
  | "app"
  | "task"
  | "taskOrApp"
  | "deployment"
  | "vip"
  | "node"
  | "file"
  | "directory"
  | "shell";

/** Shells that there is a completion for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type ShellName = (typeof shells)[number];

/** Whether there is a completion for this shell. */
export function isShellName(text: string): text is ShellName {
  return shells.some((shell) => shell === text);
}

/** An option: its flags, what it does, and what its value must be. */
export interface OptionSpec {
  readonly flags: string;
  readonly summary: string;
  readonly value?: "seconds" | "lines" | "duration";
  /** What a shell offers for its value. */
  readonly completes?: ArgumentKind;
}

/** One command: how it is called, what it does, and where its code is. */
export interface CommandSpec {
  readonly noun: string;
  /** Empty: the command is a single word, the noun. */
  readonly verb: string;
  /** In commander's notation: `<needed>`, `[optional]`, `[several...]`. */
  readonly args: string;
  /** What a shell offers for each argument; the last one also for those after it. */
  readonly completes?: readonly ArgumentKind[];
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  readonly code: CommandCode;
}

/** Where the code of a command is. */
export type CommandCode =
  | { readonly type: "cluster"; readonly load: () => Promise<CommandHandler> }
  /** It needs no cluster. */
  | { readonly type: "local"; readonly load: () => Promise<LocalHandler> };

/** What the nouns stand for. */
export const nouns: Readonly<Record<string, string>> = {
  app: "apps: what runs, how many, with what",
  task: "the tasks of apps, and what they print",
  node: "the machines of the cluster",
  deployment: "changes of apps that are under way",
  vip: "virtual IPs: addresses and names that lead to tasks",
  cluster: "the cluster itself",
};

/** Commands that the launcher runs itself; they stand in the help only. */
export const launcherCommands: readonly { readonly name: string; readonly summary: string }[] = [
  { name: "up", summary: "build and start a cluster on this machine" },
  { name: "down", summary: "end the cluster and leave nothing behind" },
  { name: "status", summary: "the cluster's machines and their processes" },
  { name: "test", summary: "run all checks and tests of this checkout" },
  { name: "bench", summary: "measure this checkout" },
  { name: "sim", summary: "run whole simulated clusters under faults, from a seed" },
  { name: "chaos", summary: "hurt a real cluster at random, and see that it holds" },
];

function cluster(load: () => Promise<CommandHandler>): CommandCode {
  return { type: "cluster", load };
}

/** Options that name a cluster, and how it answers: every command has them. */
export const targetOptions: readonly OptionSpec[] = [
  { flags: "--json", summary: "answer in JSON, for programs" },
  {
    flags: "--dir <dir>",
    summary: "the cluster's directory (./.tutti, or TUTTI_DIR)",
    completes: "directory",
  },
  { flags: "--url <url>", summary: "the master's address instead (or TUTTI_MASTER)" },
  { flags: "--marathon-url <url>", summary: "Marathon's address (or TUTTI_MARATHON)" },
  { flags: "--secret <secret>", summary: "the cluster's secret (or TUTTI_SECRET)" },
];

const force: OptionSpec = { flags: "--force", summary: "override deployments that hold the app" };
const timeout: OptionSpec = {
  flags: "--timeout <seconds>",
  summary: "how long to wait (600); the deployment goes on afterwards",
  value: "seconds",
};
const changing: readonly OptionSpec[] = [
  force,
  { flags: "--wait", summary: "wait until the deployment has ended (the default)" },
  { flags: "--no-wait", summary: "return as soon as the deployment has started" },
  timeout,
];

/** Every command of the CLI. Each loads its code only when it is called. */
export const commandTable: readonly CommandSpec[] = [
  {
    noun: "explain",
    verb: "",
    args: "<app-or-task>",
    completes: ["taskOrApp"],
    summary: "say why an app, or a task, does not run, or not all of it, and what would help",
    options: [],
    examples: ["tutti explain /web", "tutti explain /web --json"],
    code: cluster(async () => (await import("./commands/explain.ts")).explain),
  },
  {
    noun: "top",
    verb: "",
    args: "",
    summary: "the cluster at a glance: machines, apps, what is used and promised; q ends",
    options: [{ flags: "--once", summary: "print one frame (also where there is no terminal)" }],
    examples: ["tutti top", "tutti top --once", "tutti top --json"],
    code: cluster(async () => (await import("./commands/top.ts")).top),
  },
  {
    noun: "app",
    verb: "add",
    args: "<file>",
    completes: ["file"],
    summary: "add an app from a Marathon app definition; - reads standard input",
    options: changing,
    examples: ["tutti app add web.json", "tutti app add - --no-wait < web.json"],
    code: cluster(async () => (await import("./commands/app-add.ts")).appAdd),
  },
  {
    noun: "app",
    verb: "list",
    args: "",
    summary: "list the apps",
    options: [],
    examples: ["tutti app list", "tutti app list --json"],
    code: cluster(async () => (await import("./commands/app-list.ts")).appList),
  },
  {
    noun: "app",
    verb: "show",
    args: "<id>",
    completes: ["app"],
    summary: "show an app, its instances and what it waits for",
    options: [],
    examples: ["tutti app show /web", "tutti app show /web --json"],
    code: cluster(async () => (await import("./commands/app-show.ts")).appShow),
  },
  {
    noun: "app",
    verb: "update",
    args: "<id> [changes...]",
    completes: ["app", "file"],
    summary: "change an app by a file, standard input or FIELD=VALUE, rolling",
    options: changing,
    examples: [
      "tutti app update /web cpus=0.2 mem=64",
      "tutti app update /web env.MODE=dark labels.team=",
      'tutti app update /web \'constraints=[["hostname","UNIQUE"]]\'',
      "tutti app update /web web.json",
      "tutti app update /web - < change.json",
    ],
    code: cluster(async () => (await import("./commands/app-update.ts")).appUpdate),
  },
  {
    noun: "app",
    verb: "scale",
    args: "<id> <instances>",
    completes: ["app"],
    summary: "change how many instances run",
    options: changing,
    examples: ["tutti app scale /web 3", "tutti app scale /web 0 --force"],
    code: cluster(async () => (await import("./commands/app-scale.ts")).appScale),
  },
  {
    noun: "app",
    verb: "restart",
    args: "<id>",
    completes: ["app"],
    summary: "replace every instance, rolling",
    options: changing,
    examples: ["tutti app restart /web"],
    code: cluster(async () => (await import("./commands/app-restart.ts")).appRestart),
  },
  {
    noun: "app",
    verb: "remove",
    args: "<id>",
    completes: ["app"],
    summary: "end every instance and forget the app",
    options: changing,
    examples: ["tutti app remove /web"],
    code: cluster(async () => (await import("./commands/app-remove.ts")).appRemove),
  },
  {
    noun: "task",
    verb: "list",
    args: "[app]",
    completes: ["app"],
    summary: "list the tasks of all apps, or of one; with --all those of every framework",
    options: [{ flags: "-a, --all", summary: "also tasks that other frameworks launched" }],
    examples: ["tutti task list", "tutti task list /web --json", "tutti task list --all"],
    code: cluster(async () => (await import("./commands/task-list.ts")).taskList),
  },
  {
    noun: "task",
    verb: "log",
    args: "<task-or-app>",
    completes: ["taskOrApp"],
    summary: "show what a task, or every instance of an app, prints",
    options: [
      { flags: "-f, --follow", summary: "go on with what is printed from then on" },
      { flags: "--stderr", summary: "standard error instead of standard output" },
      {
        flags: "-n, --lines <count>",
        summary: "how many of the last lines to begin with (10), or all",
        value: "lines",
      },
    ],
    examples: ["tutti task log /web --follow", "tutti task log /web --stderr --lines all"],
    code: cluster(async () => (await import("./commands/task-log.ts")).taskLog),
  },
  {
    noun: "task",
    verb: "ls",
    args: "<task> [path]",
    completes: ["taskOrApp"],
    summary: "list the files in a task's sandbox",
    options: [],
    examples: ["tutti task ls web.instance-0f1e2d3c._app.1", "tutti task ls /web logs --json"],
    code: cluster(async () => (await import("./commands/task-ls.ts")).taskLs),
  },
  {
    noun: "node",
    verb: "list",
    args: "[names...]",
    completes: ["node"],
    summary: "list the agents, or these, and what is used of them",
    options: [],
    examples: ["tutti node list", "tutti node list agent1 --json"],
    code: cluster(async () => (await import("./commands/node-list.ts")).nodeList),
  },
  {
    noun: "node",
    verb: "drain",
    args: "<node>",
    completes: ["node"],
    summary: "end all tasks of an agent, let nothing start there, and wait until it is empty",
    options: [
      {
        flags: "--grace <duration>",
        summary: "no task has longer between SIGTERM and SIGKILL, such as 90s or 5m",
        value: "duration",
      },
      {
        flags: "--decommission",
        summary: "remove the agent from the cluster for ever once it is empty",
      },
      { flags: "--no-wait", summary: "return as soon as the drain has begun" },
      {
        flags: "--timeout <seconds>",
        summary: "how long to wait (600); the drain goes on afterwards",
        value: "seconds",
      },
    ],
    examples: ["tutti node drain agent1", "tutti node drain agent1 --grace 30s --no-wait"],
    code: cluster(async () => (await import("./commands/node-drain.ts")).nodeDrain),
  },
  {
    noun: "node",
    verb: "deactivate",
    args: "<node>",
    completes: ["node"],
    summary: "let nothing start on an agent any more; what runs there goes on",
    options: [],
    examples: ["tutti node deactivate agent1"],
    code: cluster(async () => (await import("./commands/node-deactivate.ts")).nodeDeactivate),
  },
  {
    noun: "node",
    verb: "reactivate",
    args: "<node>",
    completes: ["node"],
    summary: "use an agent again that was drained or deactivated",
    options: [],
    examples: ["tutti node reactivate agent1"],
    code: cluster(async () => (await import("./commands/node-reactivate.ts")).nodeReactivate),
  },
  {
    noun: "deployment",
    verb: "list",
    args: "",
    summary: "list the deployments that run and what they wait for",
    options: [],
    examples: ["tutti deployment list"],
    code: cluster(async () => (await import("./commands/deployment-list.ts")).deploymentList),
  },
  {
    noun: "deployment",
    verb: "watch",
    args: "[id]",
    completes: ["deployment"],
    summary: "wait until a deployment, or all that run, have ended",
    options: [timeout],
    examples: ["tutti deployment watch", "tutti deployment watch 7b3c2f --timeout 60"],
    code: cluster(async () => (await import("./commands/deployment-watch.ts")).deploymentWatch),
  },
  {
    noun: "deployment",
    verb: "cancel",
    args: "<id>",
    completes: ["deployment"],
    summary: "roll a deployment back",
    options: [{ flags: "--force", summary: "stop it and leave its apps as they are" }],
    examples: ["tutti deployment cancel 7b3c2f", "tutti deployment cancel 7b3c2f --force"],
    code: cluster(async () => (await import("./commands/deployment-cancel.ts")).deploymentCancel),
  },
  {
    noun: "vip",
    verb: "list",
    args: "",
    summary: "list the virtual IPs with their backends and connections",
    options: [],
    examples: ["tutti vip list", "tutti vip list --json"],
    code: cluster(async () => (await import("./commands/vip-list.ts")).vipList),
  },
  {
    noun: "vip",
    verb: "show",
    args: "<vip>",
    completes: ["vip"],
    summary: "show the backends of a virtual IP, their health and connections",
    options: [],
    examples: ["tutti vip show web.marathon", "tutti vip show 1.2.3.4:80 --json"],
    code: cluster(async () => (await import("./commands/vip-show.ts")).vipShow),
  },
  {
    noun: "dns",
    verb: "",
    args: "<name-or-app>",
    completes: ["app"],
    summary: "say what a name leads to, or which names an app has",
    options: [],
    examples: [
      "tutti dns web.marathon.mesos",
      "tutti dns /web",
      "tutti dns _web._tcp.marathon.mesos --json",
    ],
    code: cluster(async () => (await import("./commands/dns.ts")).dns),
  },
  {
    noun: "cluster",
    verb: "info",
    args: "",
    summary: "show the cluster's addresses",
    options: [],
    examples: ["tutti cluster info --json"],
    code: cluster(async () => (await import("./commands/cluster-info.ts")).clusterInfo),
  },
  {
    noun: "completion",
    verb: "",
    args: "<shell>",
    completes: ["shell"],
    summary: "print the script that lets bash, zsh or fish complete command lines",
    options: [],
    examples: ["tutti completion bash", "tutti completion fish | source"],
    code: {
      type: "local",
      load: async () => (await import("./commands/completion.ts")).completion,
    },
  },
];
