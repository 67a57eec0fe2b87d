import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CliContext, TextSink } from "./context.ts";
import { Output } from "./output.ts";
import { runCli } from "./run-cli.ts";
import { openSession, type Session } from "./session.ts";
import { runCommand, ScriptedCluster, until } from "./testing/scripted-cluster.ts";
import { TopReader } from "./top/top-reader.ts";
import type { TopView } from "./top/top-view.ts";

let cluster: ScriptedCluster;
let cpuSeconds = 0;
let timestamp = 1000;

function agent(id: string, port: number, more: object = {}): object {
  return {
    id,
    hostname: `host-${id}`,
    pid: `slave(1)@127.0.0.1:${String(port)}`,
    active: true,
    resources: { cpus: 4, mem: 1000 },
    used_resources: { cpus: 1, mem: 100 },
    TASK_RUNNING: 2,
    TASK_FAILED: 9,
    ...more,
  };
}

beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  cpuSeconds = 0;
  timestamp = 1000;
  cluster.on("GET /state-summary", { status: 200, json: { slaves: [agent("S0", cluster.port)] } });
  cluster.on("GET /v2/info", { status: 200, json: { version: "1.11.24", frameworkId: "F" } });
  const web = {
    id: "/shop/web",
    instances: 2,
    cpus: 0.5,
    mem: 50,
    tasksRunning: 2,
    tasksStaged: 1,
  };
  cluster.on("GET /v2/apps", { status: 200, json: { apps: [web] } });
  // Each look finds a second passed, and half a second of work done.
  cluster.on("GET /monitor/statistics", () => {
    timestamp += 1;
    cpuSeconds += 0.5;
    const statistics = { timestamp, cpus_user_time_secs: cpuSeconds, mem_rss_bytes: 1_048_576 };
    return {
      status: 200,
      json: [
        { executor_id: "shop_web.instance-1._app.1", framework_id: "F", statistics },
        { executor_id: "shop_web.instance-1._app.1", framework_id: "other", statistics },
      ],
    };
  });
});

afterEach(() => cluster.close());

function session(): Session {
  const sink: TextSink = { write: () => true };
  const context: CliContext = {
    dir: "/nonexistent",
    env: {},
    stdin: empty(),
    stdout: sink,
    stderr: sink,
  };
  const target = {
    masterUrl: cluster.url,
    marathonUrl: cluster.url,
    nodeUrl: cluster.url,
    mesosDnsUrl: cluster.url,
    secret: undefined,
    cluster: undefined,
  };
  return openSession(context, target, new Output(context, false));
}

async function* empty(): AsyncGenerator<string> {
  yield await Promise.resolve("");
}

async function look(reader: TopReader): Promise<TopView> {
  const found = await reader.look();
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

describe("tutti top --json", () => {
  it("[CLI50, CLI51] one frame, of two looks; also with --once and without a terminal", async () => {
    const run = await cluster.run(["top", "--json"]);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    const cpus = { used: 1, allocated: 1, total: 4 };
    const mem = { used: 2, allocated: 100, total: 1000 };
    expect(JSON.parse(run.stdout)).toEqual({
      at: expect.any(String) as string,
      cluster: null,
      machines: [
        { name: "host-S0", ip: "127.0.0.1", public: false, status: "active", tasks: 2, cpus, mem },
      ],
      apps: [
        {
          id: "/shop/web",
          instances: 2,
          running: 2,
          healthy: 0,
          hasHealthChecks: false,
          isDeploying: false,
          cpus: { used: 0.5, allocated: 1.5 },
          mem: { used: 1, allocated: 150 },
        },
      ],
      totals: { tasks: 2, cpus, mem },
      problems: [],
    });
    const text = await cluster.run(["top", "--once"], { isTty: true, env: { NO_COLOR: "1" } });
    expect(text.stdout).toContain("CPU  [#########");
    expect(text.stdout).not.toContain("\u001b");
  });

  it("[CLI50] machines that the master waits for, and those that were removed", async () => {
    const dir = mkdtempSync(join(tmpdir(), "tutti-top-"));
    const agents = ["a1", "a2", "a3"].map((name, at) => {
      return { name, ip: `10.0.0.${String(at + 1)}`, public: false };
    });
    const urls = { masterUrl: cluster.url, marathonUrl: cluster.url };
    const file = { id: "c", name: "c", masters: [], agents, secret: "s", open: false, ...urls };
    writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
    cluster.on("GET /state-summary", { status: 200, json: { slaves: [] } });
    const recovered_slaves = [{ id: "S1", hostname: "10.0.0.1" }];
    cluster.on("GET /slaves", { status: 200, json: { slaves: [], recovered_slaves } });
    const run = await runCommand(["top", "--json"], { dir, gone: ["a2"] }).ended;
    rmSync(dir, { recursive: true });
    const { machines } = JSON.parse(run.stdout) as { machines: readonly { status: string }[] };
    expect(machines.map(({ status }) => status)).toEqual(["expected", "gone", "unregistered"]);
  });

  it("[CLI52] refuses when the master does not answer", async () => {
    cluster.isAway = true;
    const run = await cluster.run(["top", "--once"]);
    expect(run).toMatchObject({ exitCode: 3, stdout: "" });
  });
});

describe("a look", () => {
  let dead: Server;
  let deadPort = 0;

  beforeEach(async () => {
    dead = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      dead.listen(0, "127.0.0.1", resolve);
    });
    const address = dead.address();
    deadPort = typeof address === "object" && address !== null ? address.port : 0;
  });

  afterEach(() => {
    dead.close();
  });

  it("[CLI51] agents that do not answer are silent and delay nothing beyond its time", async () => {
    const slaves = [
      ...Array.from({ length: 40 }, (_, at) => agent(`D${String(at)}`, deadPort)),
      agent("S0", cluster.port),
      agent("S1", 1, { active: false }),
    ];
    cluster.on("GET /state-summary", { status: 200, json: { slaves } });
    const statusOf = (view: TopView, name: string): string | undefined =>
      view.machines.find((machine) => machine.name === name)?.status;
    const reader = new TopReader(session(), 300);
    const tookMs: number[] = [];
    const lookAgain = async (): Promise<TopView> => {
      const begunMs = performance.now();
      const view = await look(reader);
      tookMs.push(performance.now() - begunMs);
      return view;
    };
    const first = await lookAgain();
    // Forty dead ones stood before it in the first look. A machine that is busy elsewhere may be late once or twice.
    let second = await lookAgain();
    for (let more = 0; more < 30 && statusOf(second, "host-S0") !== "active"; more += 1)
      second = await lookAgain();
    expect(Math.min(...tookMs)).toBeLessThan(3000);
    expect(statusOf(first, "host-D0")).toBe("silent");
    expect(statusOf(second, "host-S0")).toBe("active");
    expect(second.machines.find(({ name }) => name === "host-S0")?.mem?.used).toBe(2);
    expect(statusOf(second, "host-S1")).toBe("inactive");
    expect(second.totals.mem).toMatchObject({ used: 2, total: 42_000 });
  });

  it("[CLI51] while Marathon is away its last answer is shown, and that it is away", async () => {
    const reader = new TopReader(session(), 1000);
    await look(reader);
    cluster.on("GET /v2/apps", { status: 503, json: { message: "not now" } });
    const view = await look(reader);
    expect(view.apps).toHaveLength(1);
    expect(view.problems).toEqual(["not now"]);
  });
});

/** A terminal as Node shows it, with a keyboard. */
class FakeTerminal {
  written = "";
  isRaw = false;
  readonly isTTY = true;
  columns = 90;
  rows = 20;
  #resize: (() => void) | undefined;
  #key: ((data: string) => void) | undefined;

  readonly stdout: TextSink = Object.defineProperties(
    {} as { -readonly [K in keyof TextSink]: TextSink[K] },
    {
      isTTY: { value: true },
      columns: { get: () => this.columns },
      rows: { get: () => this.rows },
      write: {
        value: (text: string): boolean => {
          this.written += text;
          return true;
        },
      },
      on: {
        value: (event: string, listener: () => void): void => {
          if (event === "resize") this.#resize = listener;
        },
      },
      off: {
        value: (): void => {
          this.#resize = undefined;
        },
      },
    },
  );

  readonly stdin = {
    isTTY: true,
    setRawMode: (isRaw: boolean): void => {
      this.isRaw = isRaw;
    },
    resume: (): void => undefined,
    pause: (): void => undefined,
    on: (_event: string, listener: (data: string) => void): void => {
      this.#key = listener;
    },
    off: (): void => {
      this.#key = undefined;
    },
    [Symbol.asyncIterator]: empty,
  };

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#resize?.();
  }

  press(key: string): void {
    this.#key?.(key);
  }

  get hasListeners(): boolean {
    return this.#resize !== undefined || this.#key !== undefined;
  }
}

describe("tutti top on a terminal", () => {
  const run = (terminal: FakeTerminal, signal?: AbortSignal): Promise<number> =>
    runCli(["top", "--url", cluster.url, "--marathon-url", cluster.url], {
      dir: "/nonexistent",
      env: { NO_COLOR: "1" },
      stdin: terminal.stdin,
      stdout: terminal.stdout,
      stderr: { write: () => true },
      ...(signal === undefined ? {} : { signal }),
    });

  it.each([
    { key: "q", name: "q" },
    { key: "\u0003", name: "Ctrl-C" },
  ])(
    "[CLI52] draws, draws again in a new size, and $name gives the terminal back",
    async ({ key }) => {
      const terminal = new FakeTerminal();
      const ended = run(terminal);
      await until("a frame", () => terminal.written.includes("/shop/web"));
      expect(terminal.written.startsWith("\u001b[?1049h\u001b[?25l\u001b[H")).toBe(true);
      expect(terminal.isRaw).toBe(true);
      terminal.written = "";
      terminal.resize(40, 16);
      expect(terminal.written).toContain("q ends");
      const lines = terminal.written.split("\r\n").map((line) =>
        line
          .split("\u001b[")
          .map((part) => part.replace(/^[HJK]/, ""))
          .join(""),
      );
      expect(lines.length).toBeLessThanOrEqual(16);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
      terminal.press("x");
      terminal.press(key);
      expect(await ended).toBe(0);
      expect(terminal.written.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
      expect(terminal.isRaw).toBe(false);
      expect(terminal.hasListeners).toBe(false);
    },
  );

  it("[CLI52] goes on while the master is away, and says so", async () => {
    const terminal = new FakeTerminal();
    const ended = run(terminal);
    await until("a frame", () => terminal.written.includes("/shop/web"));
    cluster.isAway = true;
    await until("the remark", () => terminal.written.includes("cannot be reached"));
    cluster.isAway = false;
    terminal.written = "";
    await until(
      "the frame without it",
      () =>
        terminal.written.includes("/shop/web") && !terminal.written.includes("cannot be reached"),
    );
    terminal.press("q");
    expect(await ended).toBe(0);
  });

  it("[CLI52] a signal gives the terminal back, too", async () => {
    const terminal = new FakeTerminal();
    const ending = new AbortController();
    const ended = run(terminal, ending.signal);
    await until("a frame", () => terminal.written.includes("/shop/web"));
    ending.abort();
    await ended;
    expect(terminal.written.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  });
});
