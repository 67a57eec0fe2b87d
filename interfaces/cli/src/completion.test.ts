import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandTable } from "./command-table.ts";
import { readWords } from "./completion/read-words.ts";
import { runCommand, ScriptedCluster } from "./testing/scripted-cluster.ts";

let cluster: ScriptedCluster;
let dir: string;

beforeAll(async () => {
  cluster = await ScriptedCluster.start();
  const apps = ["/shop/web", "/shop/db", "/batch"].map((id) => ({
    id,
    instances: 2,
    tasksRunning: 1,
  }));
  cluster.on("GET /v2/apps", { status: 200, json: { apps } });
  const task = { id: "batch.instance-1._app.1", state: "TASK_RUNNING", host: "h1" };
  cluster.on("GET /v2/tasks", { status: 200, json: { tasks: [task] } });
  cluster.on("GET /v2/deployments", {
    status: 200,
    json: [{ id: "d-1", affectedApps: ["/batch"] }],
  });
  cluster.on("GET /slaves", { status: 200, json: { slaves: [] } });
  dir = mkdtempSync(join(tmpdir(), "tutti-cli-"));
  const agents = [{ name: "agent1", ip: "10.0.0.1", public: false }];
  const file = {
    masters: [],
    agents,
    masterUrl: cluster.url,
    marathonUrl: cluster.url,
    secret: "s",
  };
  writeFileSync(join(dir, "cluster.json"), JSON.stringify(file));
});

afterAll(async () => {
  await cluster.close();
  rmSync(dir, { recursive: true });
});

/** A completion has 300 ms: on a machine that is busy elsewhere one may offer nothing, not all of them. */
const patient = { timeout: 50_000 };

/** The values that are offered for the last word. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const run = await runCommand(["__complete", ...words], { dir }).ended;
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  return run.stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0] ?? "");
}

describe("completion", () => {
  it.each([
    { words: ["ex"], offers: ["explain"] },
    { words: ["help", "comp"], offers: ["completion"] },
    { words: ["do"], offers: ["down"] },
    { words: ["task", ""], offers: ["list", "log", "ls"] },
    { words: ["--json", "task", "l"], offers: ["list", "log", "ls"] },
    { words: ["help", "task", "lo"], offers: ["log"] },
    { words: ["nonsense", ""], offers: [] },
    { words: ["app", "scale", "--f"], offers: ["--force"] },
    { words: ["--js"], offers: ["--json"] },
    { words: ["app", "--u"], offers: ["--url"] },
    { words: ["app", "list", "--f"], offers: [] },
    { words: ["up", "--"], offers: [] },
    { words: ["completion", ""], offers: ["bash", "zsh", "fish"] },
    { words: ["completion", "bash", ""], offers: [] },
  ])("[CLI60] commands, verbs and options: $words", async ({ words, offers }) => {
    await expect.poll(() => complete(...words), patient).toEqual(offers);
  });

  it("[CLI60] virtual IPs, once for all their ports", async () => {
    const backend = [{ ip: "10.0.0.1", port: 31_000 }];
    const name = "web.marathon.l4lb.thisdcos.directory";
    cluster.on("GET /v1/vips", {
      status: 200,
      json: [
        { vip: `${name}:80`, backend },
        { vip: `${name}:81`, backend },
        { vip: "1.2.3.4:80", backend: [] },
      ],
    });
    const words = ["__complete", "--url", cluster.url, "vip", "show", ""];
    const shown = async (): Promise<string> =>
      (await runCommand(words, { env: { TUTTI_NODE: cluster.url } }).ended).stdout;
    await expect.poll(shown, patient).toBe(`1.2.3.4\t0 backends\n${name}\t1 backend\n`);
  });

  it.each([
    {
      words: ["explain", ""],
      offers: ["/batch", "/shop/db", "/shop/web", "batch.instance-1._app.1"],
    },
    { words: ["explain", "/s"], offers: ["/shop/db", "/shop/web"] },
    { words: ["explain", "shop/w"], offers: ["shop/web"] },
    { words: ["app", "scale", "--timeout", "9", "/b"], offers: ["/batch"] },
    { words: ["app", "scale", "/batch", ""], offers: [] },
    { words: ["app", "show", "/batch", ""], offers: [] },
    { words: ["app", "restart", "--", "/b"], offers: ["/batch"] },
    { words: ["task", "log", "-n", "3", "batch"], offers: ["batch", "batch.instance-1._app.1"] },
    { words: ["deployment", "watch", "d"], offers: ["d-1"] },
    { words: ["node", "list", ""], offers: ["agent1"] },
    { words: ["node", "list", "agent1", "a"], offers: ["agent1"] },
    { words: ["app", "add", "x"], offers: [":files"] },
    { words: ["app", "update", "/batch", ""], offers: [":files"] },
    { words: ["app", "update", "/batch", "a.json", ""], offers: [":files"] },
    { words: ["--dir", "/t"], offers: [":directories"] },
    { words: ["app", "list", "--dir=/t"], offers: [":directories"] },
    { words: ["app", "list", "--dir="], offers: [":directories"] },
    { words: ["app", "scale", "--timeout", "1"], offers: [] },
    { words: ["app", "scale", "--timeout=1"], offers: [] },
  ])("[CLI60] arguments, asked of the cluster: $words", async ({ words, offers }) => {
    await expect.poll(() => complete(...words), patient).toEqual(offers);
  });

  it("[CLI60] has words about each", async () => {
    const shown = async (): Promise<string> =>
      (await runCommand(["__complete", "explain", "/b"], { dir }).ended).stdout;
    await expect.poll(shown, patient).toBe("/batch\t1 of 2 run\n");
  });

  it("[CLI60] the options of the launcher's commands, where it tells them", async () => {
    const { runCli } = await import("./run-cli.ts");
    let text = "";
    const stdout = { write: (more: string) => ((text += more), true) };
    const launcherOptions = { up: ["--agents", "--open"] };
    await runCli(["__complete", "up", "--o"], { dir, stdout, launcherOptions });
    expect(text).toBe("--open\t\n");
  });

  it("[CLI60] every argument of every command is one that can be completed, or is known not to be", () => {
    for (const { args, completes = [] } of commandTable) {
      const count = args === "" ? 0 : args.split(" ").length;
      expect(completes.length).toBeLessThanOrEqual(count);
    }
  });

  it("[CLI60] another cluster that the line names", async () => {
    const line = readWords(["--url", "http://h:1", "--secret=x", "app", "show", "w"]);
    expect([...line.values]).toEqual([
      ["url", "http://h:1"],
      ["secret", "x"],
    ]);
    const words = ["--url", cluster.url, "--marathon-url", cluster.url, "explain", "/b"];
    const shown = async (): Promise<string> =>
      (await runCommand(["__complete", ...words]).ended).stdout;
    await expect.poll(shown, patient).toContain("/batch");
  });
});

describe("completion without an answer", () => {
  it.each([
    { name: "there is no cluster", words: ["explain", ""] },
    { name: "nobody listens", words: ["--url", "http://127.0.0.1:1", "explain", ""] },
  ])("[CLI60] is silent: $name", async ({ words }) => {
    const run = await runCommand(["__complete", ...words]).ended;
    expect(run).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  it("[CLI60] waits 300 ms, not longer", async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      mute.listen(0, "127.0.0.1", resolve);
    });
    const address = mute.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const words = ["--marathon-url", `127.0.0.1:${String(port)}`, "explain", ""];
    const tookMs: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const begunMs = performance.now();
      const run = await runCommand(["__complete", ...words]).ended;
      tookMs.push(performance.now() - begunMs);
      expect(run).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    }
    // A busy machine is late once, not each time.
    expect(Math.min(...tookMs)).toBeLessThan(2000);
    mute.close();
  });
});

describe("tutti completion", () => {
  it.each(["bash", "zsh", "fish"])(
    "[CLI61] prints the script for %s, without a cluster",
    async (shell) => {
      const run = await runCommand(["completion", shell]).ended;
      expect(run).toMatchObject({ exitCode: 0, stderr: "" });
      expect(run.stdout).toContain("__complete");
      const json = await runCommand(["completion", shell, "--json"]).ended;
      expect(JSON.parse(json.stdout)).toEqual({ shell, script: run.stdout });
    },
  );

  it("[CLI61] knows no other shell", async () => {
    const run = await runCommand(["completion", "csh"]).ended;
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("There is one for bash, zsh, fish.");
  });
});

/** Calls the function of the script as bash does at a Tab, and prints what it offers. */
const harness = `
source "$1/completion.bash"
compopt() { echo "compopt $*"; }
tab() {
  COMP_LINE=$1 && shift
  COMP_POINT=\${#COMP_LINE} COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _tutti
  echo "[\${COMPREPLY[*]}]"
}
complete -p tutti
t=$1/tutti
tab "$t ex" $t ex
tab "$t app s" $t app s
tab "$t app  show " $t app show ""
tab "$t app show shop/d" $t app show shop/d
tab "$t app list --dir=$1/fol" $t app list --dir = "$1/fol"
tab "$t app add " $t app add ""
tab "$t --marathon-url http://127.0.0.1:1 app show " $t --marathon-url http : //127.0.0.1 : 1 app show ""
tab "$t --marathon-url=$2 --url $2 app show /b" $t --marathon-url = \${2//:/ : } --url \${2//:/ : } app show /b
tab "$t --secret=" $t --secret =
cd "$1" && tab "./tutti node list a" ./tutti node list a
tab "./tutti task log batch.ins" ./tutti task log batch.ins
tab "./no-such-program app " ./no-such-program app ""
`;

/** Shells that read a script without running it (`-n`), of those that are on this machine. */
const readers = ["zsh", "fish"].filter((shell) =>
  (process.env["PATH"] ?? "").split(":").some((path) => existsSync(join(path, shell))),
);

describe("the scripts", () => {
  it.each(["bash", ...readers])("[CLI61] %s finds no fault in its own", async (shell) => {
    const { stdout: script } = await runCommand(["completion", shell]).ended;
    const path = join(dir, `read.${shell}`);
    writeFileSync(path, script);
    const run = await promisify(execFile)(shell, ["-n", path]);
    expect(run).toEqual({ stdout: "", stderr: "" });
  });
});

describe("the script for bash", () => {
  it("[CLI61] offers what the program offers", async () => {
    const { stdout: script } = await runCommand(["completion", "bash"]).ended;
    writeFileSync(join(dir, "completion.bash"), script);
    writeFileSync(join(dir, "harness.bash"), harness);
    writeFileSync(join(dir, "folder.txt"), "");
    mkdirSync(join(dir, "folder one"));
    const runCliPath = join(import.meta.dirname, "run-cli.ts");
    const main = `import { runCli } from ${JSON.stringify(runCliPath)};
process.exitCode = await runCli(process.argv.slice(2), { dir: ${JSON.stringify(dir)} });
`;
    writeFileSync(join(dir, "main.mjs"), main);
    const program = join(dir, "tutti");
    writeFileSync(
      program,
      `#!/bin/sh\nexec "${process.execPath}" "${join(dir, "main.mjs")}" "$@"\n`,
    );
    chmodSync(program, 0o755);
    const offered = async (): Promise<readonly string[]> => {
      const words = ["--norc", join(dir, "harness.bash"), dir, cluster.url];
      const { stdout } = await promisify(execFile)("bash", words);
      return stdout.split("\n").slice(0, -1);
    };
    await expect
      .poll(offered, { timeout: 200_000 })
      .toEqual([
        "complete -F _tutti tutti",
        "[explain]",
        "[show scale]",
        "[/batch /shop/db /shop/web]",
        "[shop/db]",
        "compopt -o filenames",
        `[${dir}/folder one]`,
        "compopt -o default",
        "[]",
        "[]",
        "[/batch]",
        "[]",
        "[agent1]",
        "[batch.instance-1._app.1]",
        "[]",
      ]);
  }, 300_000);
});
