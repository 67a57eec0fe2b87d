import { execFile, spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCluster } from "./cluster.ts";

const run = promisify(execFile);
const checkout = fileURLToPath(new URL("../../../", import.meta.url));
const runtime = join(checkout, ".tutti/runtime/node_modules/.bin");
const example = join(checkout, "sdk/examples/batch/main.ts");

let cluster: TestCluster;
/** A copy of `foreign/` with what it needs, and the working directory of everything here. */
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tutti-frameworks-"));
  cpSync(join(checkout, "proof/e2e/foreign"), dir, { recursive: true });
  mkdirSync(join(dir, "logs"));
  const env = { ...process.env, PATH: `${runtime}:${process.env["PATH"] ?? ""}` };
  await run(join(runtime, "npm"), ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: dir,
    env,
    timeout: 120_000,
  });
  cluster = await TestCluster.start(["--open", "--no-sample"]);
}, 300_000);

afterAll(async () => {
  await cluster.down();
  rmSync(dir, { recursive: true, force: true });
}, 120_000);

interface Line {
  readonly state?: string;
  readonly reconciled?: boolean;
  readonly error?: string;
}

/** Runs a foreign scheduler to its end: its lines and its exit status. */
async function foreign(program: string): Promise<{ exitCode: number; lines: readonly Line[] }> {
  const master = cluster.up.masters[0]?.ip ?? "";
  const child = spawn(join(runtime, "node"), [program, master], {
    cwd: dir,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const exitCode = await ended(child);
  const lines = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
  return { exitCode, lines };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 255)));
}

interface MasterState {
  readonly frameworks: readonly { readonly name: string }[];
  readonly completed_frameworks: readonly { readonly name: string }[];
}

async function masterState(): Promise<MasterState> {
  return (await (await fetch(`${cluster.masterUrl}/master/state`)).json()) as MasterState;
}

describe("frameworks written for Apache Mesos, unchanged, on a cluster started with --open", () => {
  it("[GF11] one that speaks JSON (npm's mesos-framework) launches, is told, launches again and leaves", async () => {
    const { exitCode, lines } = await foreign("command-scheduler.cjs");
    expect(lines.filter((line) => line.error !== undefined)).toEqual([]);
    expect(exitCode).toBe(0);
    const count = (state: string): number => lines.filter((line) => line.state === state).length;
    expect(count("TASK_FINISHED")).toBeGreaterThanOrEqual(2);
    expect(count("TASK_RUNNING")).toBeGreaterThanOrEqual(4);
    const left = await eventually("the framework to be completed", 90_000, async () => {
      const state = await masterState();
      return state.frameworks.some((f) => f.name === "foreign-json") ? undefined : state;
    });
    expect(left.completed_frameworks.map((f) => f.name)).toContain("foreign-json");
  });

  it("[GF11] one that speaks protobuf by Mesos' own .proto files launches, reconciles, kills and leaves", async () => {
    const { exitCode, lines } = await foreign("protobuf-scheduler.cjs");
    expect(lines[0]).toEqual({ status: 200, contentType: "application/x-protobuf" });
    expect(lines.flatMap((line) => (line.state === undefined ? [] : [line]))).toEqual([
      { state: "TASK_STARTING", reconciled: false },
      { state: "TASK_RUNNING", reconciled: false },
      { state: "TASK_RUNNING", reconciled: true },
      { state: "TASK_KILLED", reconciled: false },
    ]);
    expect(exitCode).toBe(0);
  });
});

describe("the example framework of the SDK", () => {
  const log = (): string[] => readFileSync(join(dir, "ran"), "utf8").trim().split("\n");

  function start(): { child: ChildProcess; output: () => string } {
    const args = ["--master", cluster.masterUrl, "--state", join(dir, "state"), "--attempts", "2"];
    const child = spawn(join(runtime, "node"), [example, ...args, join(dir, "commands")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    const keep = (chunk: Buffer): void => void (out += chunk.toString("utf8"));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    return { child, output: () => out };
  }

  it("[SDK11] killed with work under way and started again, it runs every command to its end, each once", async () => {
    // The tasks run as nobody and write outside of their sandboxes.
    await run("chmod", ["0777", dir]);
    const ran = join(dir, "ran");
    writeFileSync(ran, "");
    await run("chmod", ["0666", ran]);
    const commands = [
      "# the first two outlive their scheduler",
      `sleep 6; echo slow-1 >> ${ran}`,
      `sleep 6; echo slow-2 >> ${ran}`,
      `echo quick >> ${ran}`,
      `echo never-works >> ${ran}; exit 7`,
    ];
    writeFileSync(join(dir, "commands"), commands.join("\n"));

    const first = start();
    await eventually("the quick command to be on record", 90_000, () =>
      first.output().includes("line-3-attempt-1: TASK_FINISHED") ? true : undefined,
    );
    first.child.kill("SIGKILL");
    await ended(first.child);

    const second = start();
    expect(await ended(second.child), second.output()).toBe(1);
    expect(second.output()).toContain("3 finished, 1 failed");
    expect(log().toSorted()).toEqual(["never-works", "never-works", "quick", "slow-1", "slow-2"]);
    // The same framework, not a second one.
    const ids = readFileSync(join(dir, "state/journal"), "utf8").match(/"type":"framework"/gu);
    expect(ids).toHaveLength(1);
  });

  it("[SDK11] says what is wrong with its call", async () => {
    const outcome = await run(join(runtime, "node"), [
      example,
      "--cpus",
      "many",
      "--master",
      cluster.masterUrl,
      "--state",
      dir,
      join(dir, "commands"),
    ]).catch((error: unknown) => error as { code: number; stderr: string });
    expect(outcome).toMatchObject({ code: 2 });
    expect(outcome.stderr).toMatch(/^batch: --cpus is no amount\nusage: /u);
  });
});
