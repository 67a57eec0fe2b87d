import { spawn } from "node:child_process";
import { closeSync, chownSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { Fault } from "@tutti/base";
import type { Account } from "../core/accounts.ts";
import type { ContainerSpec } from "../core/containerizer.ts";
import { startScript } from "../core/start-script.ts";
import { limits } from "../limits.ts";
import { loggerProgram, loggerScript } from "../machine/loggers.ts";
import { allProcesses, killTree, readStat, until } from "../machine/proc.ts";
import { readText, type RunDir, type Started } from "../machine/run-dir.ts";

const supervisorScript = fileURLToPath(new URL("supervisor.sh", import.meta.url));

/** Starts a task under its supervisor and notes pid and start time. Throws a `Fault` LAUNCH. */
export async function startSupervised(
  runDir: RunDir,
  spec: ContainerSpec,
  account: Account,
): Promise<Started> {
  const dir = runDir.containerDir(spec.containerId);
  const script = openStartScript(dir, spec, account);
  const root = process.getuid?.() === 0;
  const as = root
    ? `${String(account.uid)}:${String(account.gid)}:${account.groups.join(",")}`
    : "-";
  let talk: Duplex | undefined;
  const words = openSync(`${dir}/supervisor.log`, "a", 0o600);
  try {
    const supervisor = ["/bin/sh", supervisorScript, runDir.path, spec.containerId, as];
    const child = spawn(loggerProgram, [loggerScript, dir, "start", ...supervisor], {
      cwd: spec.sandboxDir,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      detached: true,
      stdio: ["ignore", "ignore", words, script, "pipe"],
    });
    child.unref();
    await new Promise<void>((resolve, reject) => {
      child.once("error", (error) => reject(fault(`cannot start a logger: ${error.message}`)));
      child.once("spawn", () => resolve());
    });
    talk = child.stdio[4] as Duplex;
    const line = await firstLine(talk);
    const [pid, startTicks] = line.split(" ").map(Number);
    if (pid === undefined || startTicks === undefined) {
      const why = (readText(`${dir}/supervisor.log`) ?? "").trim();
      throw fault(`the supervisor could not start the task as user ${spec.user} ${why}`.trim());
    }
    const supervisorPid = Number(readText(`${dir}/supervisor.pid`) ?? 0);
    const stat = readStat(pid);
    if (stat !== undefined && stat.startTicks === startTicks && stat.parentPid !== supervisorPid)
      throw fault("what the supervisor started is not its child");
    const started = { pid, startTicks, supervisorPid };
    writeFileSync(
      `${dir}/started.tmp`,
      `${String(pid)} ${String(startTicks)} ${String(supervisorPid)}\n`,
    );
    renameSync(`${dir}/started.tmp`, `${dir}/started`);
    await begin(talk);
    return started;
  } finally {
    talk?.destroy();
    closeSync(script);
    closeSync(words);
  }
}

/** Lets the task begin: it is written down that it does. */
function begin(talk: Duplex): Promise<void> {
  return new Promise((resolve) => {
    talk.end("go\n", () => resolve());
    talk.once("error", () => resolve());
  });
}

/** Kills the supervisors of a container, with what they have started but not noted. */
export async function endSupervisors(runDir: RunDir, containerId: string): Promise<void> {
  await until(() => {
    const pids = supervisors(runDir, containerId);
    for (const pid of pids) killTree(pid);
    return pids.length === 0;
  }, limits.killWaitMs);
}

function supervisors(runDir: RunDir, containerId: string): readonly number[] {
  return allProcesses()
    .filter(({ argv }) => {
      const script = argv.indexOf(supervisorScript);
      return script >= 0 && argv[script + 1] === runDir.path && argv[script + 2] === containerId;
    })
    .map(({ pid }) => pid);
}

/** The script that becomes the task, open, readable by the task's user and by no path. */
function openStartScript(dir: string, spec: ContainerSpec, account: Account): number {
  const path = `${dir}/start`;
  writeFileSync(path, startScript(spec.command, spec.env), { mode: 0o400 });
  if (process.getuid?.() === 0) chownSync(path, account.uid, account.gid);
  const file = openSync(path, "r");
  rmSync(path);
  return file;
}

/** The first line a stream brings; empty (and the stream closed) when it ends without one or none came in time. */
function firstLine(stream: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const done = (): void => {
      clearTimeout(timer);
      if (!text.includes("\n")) stream.destroy();
      resolve(text.split("\n")[0] ?? "");
    };
    const timer = setTimeout(done, limits.launchTimeoutMs);
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) done();
    });
    stream.on("error", done);
    stream.on("end", done);
  });
}

function fault(message: string): Fault {
  return new Fault("LAUNCH", message, { retryable: false });
}
