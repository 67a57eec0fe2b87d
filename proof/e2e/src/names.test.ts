import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually, host, TestCluster } from "./cluster.ts";
import { askInside, inside } from "./inside-machine.ts";
import { Story } from "./testing/story.ts";

let cluster: TestCluster;
let id: string;

beforeAll(async () => {
  cluster = await TestCluster.start(["--no-sample"]);
  id = (JSON.parse(readFileSync(join(cluster.dir, "cluster.json"), "utf8")) as { id: string }).id;
}, 240_000);

afterAll(async () => {
  await cluster.down();
}, 120_000);

const vipName = "web.marathon.l4lb.thisdcos.directory";

/** Tells who served it; every Debian and Ubuntu has this Perl. */
const server = `exec perl -e '
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => $ENV{PORT0}, Listen => 64, ReuseAddr => 1) or die;
while (my $client = $server->accept) {
  while (defined(my $line = <$client>)) { last if $line =~ /^\\r?\\n/ }
  my $page = "$ENV{HOST}";
  print $client "HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: " . length($page) . "\\r\\n\\r\\n$page";
  close $client;
}'`;

const web = {
  id: "/web",
  cmd: server,
  cpus: 0.1,
  mem: 32,
  instances: 2,
  constraints: [["hostname", "UNIQUE"]],
  portDefinitions: [
    {
      port: 0,
      protocol: "tcp",
      name: "http",
      labels: { VIP_0: "/web:80", VIP_1: "10.77.0.1:8080", VIP_2: "nonsense" },
    },
  ],
  healthChecks: [
    {
      protocol: "MESOS_TCP",
      portIndex: 0,
      gracePeriodSeconds: 10,
      intervalSeconds: 1,
      timeoutSeconds: 5,
      maxConsecutiveFailures: 3,
      delaySeconds: 0,
    },
  ],
};

const namespaceOf = (machine: string): string => `tutti-${id}-${machine}`;

/** Waits until a VIP answers with pages of `servers` machines, seen from a machine. */
function served(machine: string, question: { name: string; port: number }, servers: number) {
  return eventually(`${question.name} on ${machine}`, 60_000, async () => {
    const { addresses, pages } = await askInside(namespaceOf(machine), { ...question, count: 8 });
    const isServed = pages.length === 8 && pages.every((page) => page.startsWith("10."));
    return isServed && new Set(pages).size === servers ? addresses : undefined;
  });
}

function agentIps(): readonly string[] {
  return cluster.up.agents.filter((agent) => !agent.public).map((agent) => agent.ip);
}

/** An app whose tasks do nothing behind a VIP of their own. */
function idle(name: string, instances: number): unknown {
  return {
    id: `/${name}`,
    cmd: "exec sleep 100000",
    cpus: 0.01,
    mem: 16,
    instances,
    labels: { drainSeconds: "0" },
    portDefinitions: [{ port: 0, protocol: "tcp", labels: { VIP_0: `/${name}:80` } }],
  };
}

/** `/v1/vips` of a machine as it stands there. */
async function vipsOf(machine: string): Promise<string> {
  const { masters, agents } = cluster.up;
  const ip = [...masters, ...agents].find(({ name }) => name === machine)?.ip ?? "";
  return (await fetch(`http://${ip}:62080/v1/vips`)).text();
}

/** Backends of the apps `app0`, `app1` … as a machine holds them, one in a line. */
async function backendsOn(machine: string): Promise<string> {
  const vips = JSON.parse(await vipsOf(machine)) as readonly {
    readonly vip: string;
    readonly backend: readonly { readonly ip: string; readonly port: number }[];
  }[];
  return vips
    .flatMap(({ vip, backend }) => {
      const app = /^(app\d)\.marathon\./.exec(vip)?.[1];
      return app === undefined ? [] : backend.map(({ ip, port }) => `${app} ${ip}:${String(port)}`);
    })
    .toSorted()
    .join("\n");
}

async function kill(machine: string, name: string, signal: NodeJS.Signals): Promise<number> {
  const found = await cluster.process(machine, name);
  if (found === undefined) throw new Error(`${machine} has no ${name}`);
  process.kill(found.pid, signal);
  return found.pid;
}

it("[NAM1] an app with a VIP is found by its name and served on every machine, by all its tasks", async () => {
  const answer = await cluster.marathon("POST", "/v2/apps", web);
  expect(answer.status).toBe(201);
  for (const machine of ["master1", "agent1", "agent2", "public1"]) {
    const [address] = await served(machine, { name: vipName, port: 80 }, 2);
    expect(address).toMatch(/^11\./);
  }
  await served("agent1", { name: "10.77.0.1", port: 8080 }, 2);
});

it("[NAM2] names of tasks, agents and masters in the formats of Mesos-DNS and DC/OS", async () => {
  const ask = async (name: string): Promise<readonly string[]> =>
    (await askInside(namespaceOf("agent1"), { name, port: 1, count: 0 })).addresses.toSorted();
  const master = cluster.up.masters[0]?.ip ?? "";
  expect(await ask("web.marathon.mesos")).toEqual(agentIps());
  expect(await ask("web.marathon.agentip.dcos.thisdcos.directory")).toEqual(agentIps());
  expect(await ask("leader.mesos")).toEqual([master]);
  expect(await ask("master.mesos")).toEqual([master]);
  expect(await ask("nobody.marathon.mesos")).toEqual([]);
});

it("[NAM3] a label that is no VIP is told where definitions are shown", async () => {
  const master = cluster.up.masters[0]?.ip ?? "";
  const response = await fetch(`http://${master}:62080/discovery/v1/problems?name=web`);
  const { problems } = (await response.json()) as { problems: { code: string; message: string }[] };
  expect(problems.map(({ code }) => code)).toEqual(["VIP_LABEL_INVALID", "VIP_LABEL_INVALID"]);
  expect(problems[0]?.message).toContain("VIP_2");
});

it("[NAM17] what is wrong with VIPs of definitions without tasks is told by the commands that show them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tutti-names-"));
  const add = (name: string, labels: Readonly<Record<string, string>>) => {
    const definition = {
      ...(idle(name, 0) as object),
      portDefinitions: [{ port: 0, protocol: "tcp", labels }],
    };
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(definition));
    return cluster.cli("app", "add", file, "--no-wait");
  };
  try {
    await add("claims", { VIP_0: "/both:80" });
    const added = await add("claims-too", { VIP_0: "/both:80", VIP_1: "/port:99999" });
    expect(added.exitCode, added.stderr).toBe(0);
    const shown = await cluster.cli("app", "show", "/claims-too");
    const explained = await cluster.cli("explain", "/claims-too");
    for (const { stdout, stderr } of [added, shown, explained]) {
      const text = stdout + stderr;
      expect(text).toMatch(/is claimed by claims .* and claims-too /);
      expect(text).toContain("99999");
    }
    const other = await cluster.cli("explain", "/claims");
    expect(other.stdout + other.stderr).toMatch(/is claimed by claims .* and claims-too /);
  } finally {
    for (const name of ["claims", "claims-too"])
      await cluster.marathon("DELETE", `/v2/apps/${name}?force=true`);
    rmSync(folder, { recursive: true });
  }
});

it("[NAM18] an app behind a VIP at an IPv6 address is reached from every machine, at its machines' IPv6 addresses", async () => {
  const six = {
    id: "/six",
    cmd: "echo $HOST > index.html; exec python3 -m http.server $PORT0 --bind ::",
    cpus: 0.05,
    mem: 64,
    instances: 2,
    constraints: [["hostname", "UNIQUE"]],
    labels: { drainSeconds: "0" },
    portDefinitions: [{ port: 0, labels: { VIP_0: "[fd01:c::77]:8080,/six:80" } }],
    healthChecks: [{ protocol: "MESOS_TCP", portIndex: 0, delaySeconds: 0, intervalSeconds: 1 }],
  };
  const answer = await cluster.marathon("POST", "/v2/apps", six);
  expect(answer.status).toBe(201);
  for (const machine of ["master1", "agent1", "agent2", "public1"])
    await served(machine, { name: "fd01:c::77", port: 8080 }, 2);
  // By its name it has IPv4 addresses alone, and is reached there too.
  await served("public1", { name: "six.marathon.l4lb.thisdcos.directory", port: 80 }, 2);
  const vips = JSON.parse(await vipsOf("public1")) as readonly {
    readonly vip: string;
    readonly backend: readonly { readonly ip: string }[];
  }[];
  const backendsOf = (name: string): readonly string[] =>
    vips
      .filter(({ vip }) => vip.includes(name))
      .flatMap(({ backend }) => backend.map(({ ip }) => ip));
  expect(backendsOf("fd01:c::77").map((ip) => ip.slice(0, 5))).toEqual(["fd74:", "fd74:"]);
  expect(backendsOf("six.marathon").toSorted()).toEqual(agentIps());
  const explained = await cluster.cli("app", "show", "/six");
  expect(explained.stdout + explained.stderr).not.toContain("VIP_NO_BACKEND_ADDRESS");
  await cluster.marathon("DELETE", "/v2/apps/six?force=true");
}, 180_000);

it("[NAM4] master, discovery and the machine's own process killed together: connections go on", async () => {
  const load = askInside(namespaceOf("agent1"), { name: vipName, port: 80, count: 600 });
  await kill("master1", "master", "SIGKILL");
  await kill("master1", "node", "SIGKILL");
  await kill("agent2", "node", "SIGKILL");
  await kill("agent1", "node", "SIGKILL");
  const { pages } = await load;
  expect(pages).toHaveLength(600);
  expect(pages.filter((page) => !page.startsWith("10."))).toEqual([]);
  for (const machine of ["agent1", "agent2"]) await served(machine, { name: vipName, port: 80 }, 2);
});

it("[NAM5] names and VIPs answer while all of the master machine stands still", async () => {
  const stopped = [
    await kill("master1", "master", "SIGSTOP"),
    await kill("master1", "node", "SIGSTOP"),
    await kill("master1", "services", "SIGSTOP"),
  ];
  try {
    await served("agent1", { name: vipName, port: 80 }, 2);
    await kill("agent2", "node", "SIGKILL");
    // It begins with the table that its machine kept.
    await served("agent2", { name: vipName, port: 80 }, 2);
  } finally {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  }
});

it("[NAM8] a machine that is cut off answers from its table, and catches up when it is back", async () => {
  const cable = `tt${id}-2`;
  await host("ip", "link", "set", cable, "down");
  try {
    const { addresses } = await askInside(namespaceOf("agent2"), {
      name: vipName,
      port: 80,
      count: 0,
    });
    expect(addresses).toHaveLength(1);
    await eventually("an app that agent2 does not hear of", 60_000, async () => {
      const answer = await cluster.marathon("POST", "/v2/apps?force=true", idle("late", 1));
      return answer.status === 201 || answer.status === 409 ? true : undefined;
    });
    await eventually("the others know it", 60_000, async () =>
      (await vipsOf("agent1")).includes("late.marathon") ? true : undefined,
    );
  } finally {
    await host("ip", "link", "set", cable, "up");
  }
  await eventually("agent2 knows it too", 60_000, async () =>
    (await vipsOf("agent2")).includes("late.marathon") ? true : undefined,
  );
});

it("[NAM9] after many changes every machine holds what Marathon says runs", async () => {
  const apps = Array.from({ length: 6 }, (_, index) => `app${String(index)}`);
  const put = async (app: string, instances: number): Promise<void> => {
    const answer = await cluster.marathon(
      "PUT",
      `/v2/apps/${app}?force=true`,
      idle(app, instances),
    );
    expect([200, 201]).toContain(answer.status);
  };
  for (let round = 0; round < 6; round += 1)
    for (const [index, app] of apps.entries()) await put(app, (index + round) % 4);
  for (const app of apps.slice(0, 2))
    await cluster.marathon("DELETE", `/v2/apps/${app}?force=true`);
  await eventually("all deployments are done", 120_000, async () => {
    const answer = await cluster.marathon("GET", "/v2/deployments");
    return (answer.body as readonly unknown[]).length === 0 ? true : undefined;
  });
  const truth = async (): Promise<string> => {
    const lines = [];
    for (const app of apps)
      for (const task of await cluster.tasks(`/${app}`))
        if (task.state === "TASK_RUNNING")
          lines.push(`${app} ${task.host}:${String(task.ports[0])}`);
    return lines.toSorted().join("\n");
  };
  for (const machine of ["master1", "agent1", "agent2", "public1"])
    await eventually(`${machine} holds the truth`, 60_000, async () =>
      (await backendsOn(machine)) === (await truth()) ? true : undefined,
    );
});

/** For `node -e`: asks for a name every 10 ms for 5 s, and tells how often it got which answer. */
const questions = `
const { Resolver } = require("node:dns").promises;
const counts = {};
const ask = async () => {
  const resolver = new Resolver({ timeout: 300, tries: 1 });
  resolver.setServers(["198.51.100.1"]);
  const what = await resolver.resolve4(process.argv[1]).then(() => "found", (error) => error.code);
  counts[what] = (counts[what] ?? 0) + 1;
};
const timer = setInterval(ask, 10);
setTimeout(() => {
  clearInterval(timer);
  setTimeout(() => process.stdout.write(JSON.stringify(counts)), 400);
}, 5000);
`;

it("[NAM10] a name that is known is never said not to exist, not while its machine's process begins either", async () => {
  const asking = inside(namespaceOf("agent1"), process.execPath, "-e", questions, vipName);
  await kill("agent1", "node", "SIGKILL");
  const counts = JSON.parse(await asking) as Readonly<Record<string, number>>;
  expect(counts).not.toHaveProperty("ENOTFOUND");
  expect(counts["found"]).toBeGreaterThan(50);
});

it("[NAM16] a named VIP with two ports leads to both, also from the machine of its only task (dcos #534, dcos PR #2459)", async () => {
  const story = new Story(
    "[NAM16] A named virtual IP has two ports, and one task behind them. It is reached by its name from every machine, also from",
    "that of the task itself, whose connections come back to where they began; each port leads to its own.",
    "Answers dcos PR 2459, dcos #534.",
  );
  const [here] = agentIps();
  const listen = (port: string): string => server.replaceAll("PORT0", port).slice("exec ".length);
  const answer = await cluster.marathon("POST", "/v2/apps", {
    id: "/two",
    // Each says by which of its ports it was reached.
    cmd: `(HOST=10.first ${listen("PORT0")}) & HOST=10.second ${listen("PORT1")}`,
    cpus: 0.1,
    mem: 32,
    instances: 1,
    constraints: [["hostname", "CLUSTER", here]],
    portDefinitions: [
      { port: 0, protocol: "tcp", name: "http", labels: { VIP_0: "/two:80" } },
      { port: 0, protocol: "tcp", name: "admin", labels: { VIP_0: "/two:443" } },
    ],
  });
  expect(answer.status).toBe(201);
  story.did("An app /two with one instance on agent1 and the virtual IPs /two:80 and /two:443.");
  const name = "two.marathon.l4lb.thisdcos.directory";
  // agent1 has the task: its connections come back to where they began.
  for (const machine of ["agent1", "agent2", "master1"]) {
    story.did(`A client on ${machine} asks for ${name} and connects four times to each port.`);
    for (const [port, page] of [
      [80, "10.first"],
      [443, "10.second"],
    ] as const) {
      const pages = await eventually(`${page} on ${machine}`, 60_000, async () => {
        const { pages: seen } = await askInside(namespaceOf(machine), { name, port, count: 4 });
        return seen.join() === Array(4).fill(page).join() ? seen : undefined;
      });
      story.saw(`port ${String(port)}: ${pages.map((one) => one.slice("10.".length)).join(" ")}`);
    }
  }
  await story.demandSame("vip-from-its-own-machine");
});

it.each(["ruleset", "table ip tutti_vip", "chain ip tutti_vip output"])(
  "[NAM6] nobody's nft flush %s lasts",
  async (what) => {
    await inside(namespaceOf("agent1"), "nft", "flush", ...what.split(" "));
    await served("agent1", { name: vipName, port: 80 }, 2);
  },
);

it("[NAM7] without tasks the VIP keeps its name and refuses at once", async () => {
  await eventually("Marathon is back", 60_000, async () => {
    const answer = await cluster.marathon("PUT", "/v2/apps/web?force=true", { instances: 0 });
    return answer.status === 200 ? true : undefined;
  });
  await eventually("the VIP refuses", 60_000, async () => {
    const answer = await askInside(namespaceOf("agent1"), { name: vipName, port: 80, count: 3 });
    return answer.pages.length === 3 && answer.pages.every((page) => page === "ECONNREFUSED")
      ? true
      : undefined;
  });
});
