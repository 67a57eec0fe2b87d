import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkout } from "./plant.ts";

/** The programs of a plain Debian that the launcher uses; npm, Node and apt are not among them. */
const plainPrograms = [
  "sh", "readlink", "cmp", "flock", "mkdir", "date", "df", "tail", "head", "sed", "grep", "id",
  "uname", "rm", "cp", "mv", "ln", "cat", "sleep", "chmod",
]; // prettier-ignore

/** What stands in for the installer: it tells how it was started. */
const installer = `console.log(JSON.stringify({
  argv: process.argv.slice(2),
  cwd: process.cwd(),
  cache: process.env.NODE_COMPILE_CACHE,
  node: process.execPath,
}));`;

/** An npm that makes what \`npm ci\` would make, and counts its calls. */
const goodNpm = `echo "$*" >>"$CALLS"
case "$1" in
--version) echo 9.2.0 ;;
ci)
  mkdir -p node_modules/.bin
  case "$PWD" in */runtime.fresh.*) ln -s "$REAL_NODE" node_modules/.bin/node ;; esac ;;
esac`;

function failingNpm(complaint: string): string {
  return `echo "$*" >>"$CALLS"
case "$1" in
--version) echo 9.2.0 ;;
ci) echo "npm error code ${complaint}" >&2; exit 1 ;;
esac`;
}

let folder: string;
let root: string;
let bin: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tutti launcher-"));
  root = join(folder, "check out");
  bin = join(folder, "bin");
  mkdirSync(bin);
  for (const program of plainPrograms) symlinkSync(whereIs(program), join(bin, program));
  for (const path of ["tutti", "package.json", "package-lock.json", "tools/runtime"]) {
    cpSync(join(checkout, path), join(root, path), { recursive: true });
  }
  write("distribution/installer/src/main.ts", installer);
  for (const room of ["proof/sim", "proof/bench", "proof/e2e"])
    write(`${room}/src/main.ts`, installer);
  for (const name of ["test", "check"]) write(`tools/tidy/src/${name}.ts`, installer);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function whereIs(program: string): string {
  return spawnSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Puts a program into the PATH of the launcher. */
function program(name: string, script: string): void {
  rmSync(join(bin, name), { force: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** Makes the checkout ready, as a set-up that went well does. */
function makeReady(): void {
  const modules = join(root, ".tutti/runtime/node_modules/.bin");
  mkdirSync(modules, { recursive: true });
  symlinkSync(process.execPath, join(modules, "node"));
  cpSync(
    join(root, "tools/runtime/package-lock.json"),
    join(root, ".tutti/runtime/package-lock.json"),
  );
  mkdirSync(join(root, "node_modules"));
  cpSync(join(root, "package-lock.json"), join(root, "node_modules/.tutti-installed"));
}

function environment(): Record<string, string> {
  return {
    PATH: bin,
    HOME: folder,
    CALLS: join(folder, "calls"),
    REAL_NODE: process.execPath,
  };
}

/** Runs the launcher to its end. */
function launch(
  args: readonly string[],
  {
    cwd = root,
    file = join(root, "tutti"),
    env = {},
  }: {
    cwd?: string;
    file?: string;
    env?: Record<string, string>;
  } = {},
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(join(bin, "sh"), [file, ...args], {
    cwd,
    env: { ...environment(), ...env },
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: status, out: stdout, err: stderr };
}

function npmCalls(): string[] {
  const calls = join(folder, "calls");
  if (!existsSync(calls)) return [];
  return readFileSync(calls, "utf8")
    .trim()
    .split("\n")
    .filter((call) => call.startsWith("ci"));
}

/** What is left in the state folder apart from logs, the lock and the compile cache. */
function stateOf(): string[] {
  const usual = ["cache", "log", "setup.lock"];
  return readdirSync(join(root, ".tutti")).filter((name) => !usual.includes(name));
}

describe("a ready checkout", () => {
  beforeEach(makeReady);

  test("[LCH1] the launcher hands over without a word and without a step", () => {
    const { code, out, err } = launch(["app", "add", "two words", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({
      argv: ["app", "add", "two words", "--json"],
      cwd: root,
    });
    expect(npmCalls()).toEqual([]);
    expect(stateOf()).toEqual(["runtime"]);
  });

  test("[LCH2] it finds its checkout through a link and from another folder", () => {
    const link = join(folder, "tutti-link");
    symlinkSync(join(root, "tutti"), link);
    const { out } = launch(["status"], { file: link, cwd: tmpdir() });
    expect(JSON.parse(out)).toMatchObject({ argv: ["status"], cwd: tmpdir() });
  });

  test("[LCH3] the compile cache lies in the checkout, or with the cluster that is named", () => {
    const named = join(folder, "cluster");
    mkdirSync(named);
    const cacheOf = (args: string[], env = {}): unknown =>
      (JSON.parse(launch(args, { env, cwd: folder }).out) as { cache: unknown }).cache;
    expect(cacheOf(["status"])).toBe(`${root}/.tutti/cache`);
    expect(cacheOf(["status", "--dir", named])).toBe(`${named}/cache`);
    expect(cacheOf(["status", `--dir=${named}`])).toBe(`${named}/cache`);
    expect(cacheOf(["status", "--dir", "cluster"])).toBe(`${named}/cache`);
    expect(cacheOf(["status"], { TUTTI_DIR: named })).toBe(`${named}/cache`);
    expect(cacheOf(["status", "--", "--dir", named])).toBe(`${root}/.tutti/cache`);
    expect(cacheOf(["status", "--dir", join(folder, "new")])).toBe(`${root}/.tutti/cache`);
    expect(existsSync(join(folder, "new"))).toBe(false);
    expect(cacheOf(["up", "--dir", join(folder, "new")])).toBe(`${root}/.tutti/cache`);
    expect(cacheOf(["up", "--dir", "/proc/new"])).toBe(`${root}/.tutti/cache`);
    expect(existsSync(join(folder, "new"))).toBe(false);
  });

  test.each(["test", "check", "sim", "bench", "chaos"])(
    "[LCH4] %s goes to its own program",
    (command) => {
      const { out } = launch([command, "a", "b"]);
      expect(JSON.parse(out)).toMatchObject({ argv: ["a", "b"], cwd: root });
    },
  );

  test("[LCH5] another lock file of packages or runtime brings the step back", () => {
    program("npm", goodNpm);
    program("node", "exit 0");
    symlinkSync("../../bin/npm", join(root, ".tutti/runtime/node_modules/.bin/npm"));
    write("package-lock.json", "{}\n");
    expect(launch(["up"]).err).toMatch(/^\[1\/1\] packages: npm ci … \d+ s\n$/);
    expect(launch(["up"]).err).toBe("");
    write("tools/runtime/package-lock.json", "{}\n");
    expect(launch(["up"]).err).toMatch(/^\[1\/1\] runtime: Node 24\.\d+\.\d+ … \d+ s\n$/);
    expect(stateOf()).toEqual(["runtime"]);
  });
});

describe("a fresh checkout", () => {
  test("[LCH6] runtime and packages are installed once, with a line each", () => {
    program("npm", goodNpm);
    const first = launch(["status"]);
    expect(first.err).toMatch(
      /^\[1\/2\] runtime: Node 24\.\d+\.\d+ … \d+ s\n\[2\/2\] packages: npm ci … \d+ s\n$/,
    );
    expect(JSON.parse(first.out)).toMatchObject({ argv: ["status"] });
    expect(npmCalls()).toHaveLength(2);
    expect(launch(["status"])).toMatchObject({ code: 0, err: "" });
    expect(npmCalls()).toHaveLength(2);
  });

  test.each([["down"], ["status"], ["--dir", "/d", "down"], ["--dir=/d", "status"]])(
    "[LCH14] %s %s %s works with what an earlier set-up left, without a registry",
    (...words) => {
      const args = words.filter((word) => word !== undefined);
      makeReady();
      write("package-lock.json", "{}\n");
      program("npm", failingNpm("ENOTFOUND"));
      const run = launch(args);
      expect(run).toMatchObject({ code: 0, err: "" });
      expect(JSON.parse(run.out)).toMatchObject({ argv: args });
      expect(launch(["up"]).code).toBe(1);
    },
  );

  test("[LCH13] a Tab in a shell installs nothing and says nothing", () => {
    program("npm", goodNpm);
    const tab = launch(["__complete", "app", ""]);
    expect(tab).toMatchObject({ code: 0, out: "", err: "" });
    expect(existsSync(join(root, ".tutti"))).toBe(false);
  });

  const failures = [
    { complaint: "ENOTFOUND", says: "cannot be reached" },
    { complaint: "ENOSPC", says: "is full" },
    { complaint: "EROFS", says: "read-only" },
    { complaint: "EACCES", says: "may not write" },
    { complaint: "SELF_SIGNED_CERT_IN_CHAIN", says: "NODE_EXTRA_CA_CERTS" },
    { complaint: "E403", says: "refuses to serve" },
    { complaint: "ETARGET", says: "lacks a pinned version" },
    { complaint: "EINTEGRITY", says: "differs from the lock file" },
    { complaint: "EUSAGE", says: "do not agree" },
    { complaint: "EWHATEVER", says: "read the log" },
  ];

  test.each(failures)(
    "[LCH7] npm's $complaint is told with step, cause, log and advice",
    ({ complaint, says }) => {
      program("npm", failingNpm(complaint));
      const { code, out, err } = launch(["status"]);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(/^\[1\/2\] runtime: Node .* failed after \d+ s\n/);
      expect(err).toContain(
        `the cause, from ${root}/.tutti/log/runtime.log:\n    npm error code ${complaint}`,
      );
      expect(err).toContain("what to do: ");
      expect(err).toContain(says);
      expect(stateOf()).toEqual([]);
    },
  );

  test("[LCH8] a failed npm ci of the packages is repeated by the next launch", () => {
    program("npm", goodNpm);
    symlinkSync(join(bin, "npm"), join(folder, "npm"));
    launch(["status"]);
    rmSync(join(root, "node_modules"), { recursive: true });
    program("npm", failingNpm("ECONNRESET"));
    expect(launch(["status"])).toMatchObject({ code: 1, out: "" });
    program("npm", goodNpm);
    expect(launch(["status"]).err).toMatch(/^\[1\/1\] packages/);
    expect(launch(["status"]).err).toBe("");
  });

  test("[LCH9] what a killed launch left is removed by the next", () => {
    program("npm", goodNpm);
    write(".tutti/runtime.fresh.4711/package.json", "{}");
    write(".tutti/runtime.old.4711/package.json", "{}");
    expect(launch(["status"]).code).toBe(0);
    expect(stateOf()).toEqual(["runtime"]);
  });

  test("[LCH10] two launches at once install once", async () => {
    program("npm", `sleep 1\n${goodNpm}`);
    const launches = [1, 2].map(
      () =>
        new Promise<number | null>((resolve) => {
          const options = { cwd: root, env: environment(), stdio: "ignore" as const };
          spawn(join(bin, "sh"), [join(root, "tutti"), "status"], options).on("close", resolve);
        }),
    );
    expect(await Promise.all(launches)).toEqual([0, 0]);
    expect(npmCalls()).toHaveLength(2);
  });

  const machines = [
    {
      what: "no npm, no apt",
      programs: {},
      says: ["npm is missing", "install Node.js with npm 7 or later"],
    },
    {
      what: "no npm, no root",
      programs: { "apt-get": "exit 1", id: "echo 1000" },
      says: [
        "npm is missing",
        "sudo apt-get install --no-install-recommends nodejs npm ca-certificates",
      ],
    },
    {
      what: "an old npm",
      programs: { npm: 'case "$1" in --version) echo 6.14.4 ;; esac' },
      says: ["older than version 7"],
    },
    {
      what: "another processor",
      programs: { uname: 'case "$1" in -s) echo Linux ;; *) echo riscv64 ;; esac' },
      says: ["this is Linux on riscv64", "use Linux on x86_64 or arm64"],
    },
    {
      what: "another system",
      programs: { uname: 'case "$1" in -s) echo Darwin ;; *) echo arm64 ;; esac' },
      says: ["this is Darwin on arm64"],
    },
    {
      what: "a full disk",
      programs: { npm: goodNpm, df: "echo Filesystem; echo /dev/vda 100 90 10 90% /" },
      says: ["only 10 MB are free", "free at least"],
    },
    {
      what: "a foreign nodejs beside Debian's npm",
      programs: {
        "apt-get": 'echo "npm : Conflicts: nodejs"; echo "E: unmet dependencies"; exit 100',
        id: "echo 0",
      },
      says: ["[1/3] npm: Debian's packages", "comes from another source"],
    },
    {
      what: "a Node that does not start",
      programs: { npm: goodNpm.replace("$REAL_NODE", "/bin/false") },
      says: ["the pinned Node does not start on this machine"],
    },
  ];

  test.each(machines)(
    "[LCH11] on a machine with $what it says what to do",
    ({ programs, says }) => {
      for (const [name, script] of Object.entries(programs)) program(name, script);
      const { code, out, err } = launch(["up"]);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      for (const text of says) expect(err.replaceAll("  ", " ")).toContain(text);
      expect(stateOf()).toEqual([]);
    },
  );

  test("[LCH11] as root with apt it installs npm first", () => {
    const installNpm = `echo "$*" >>"${folder}/apt"\ncp "${folder}/good-npm" "${bin}/npm"`;
    writeFileSync(join(folder, "good-npm"), `#!/bin/sh\n${goodNpm}\n`, { mode: 0o755 });
    program("apt-get", installNpm);
    program("id", "echo 0");
    expect(launch(["status"]).err.split("\n").map((line) => line.slice(0, 9))).toEqual([
      "[1/3] npm", "[2/3] run", "[3/3] pac", "",
    ]); // prettier-ignore
    expect(readFileSync(join(folder, "apt"), "utf8")).toContain(
      "install -y --no-install-recommends",
    );
  });

  test("[LCH12] where nothing can be written it says so", () => {
    writeFileSync(join(root, ".tutti"), "a file where the folder should be");
    expect(launch(["up"])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`cannot write to ${root}/.tutti`),
    });
  });
});
