import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { present } from "@tutti/base";
import type { ContainerExit, ContainerSpec } from "../core/containerizer.ts";
import { cgroupDirs } from "../core/cgroup.ts";
import { createContainerizer, type CreatedContainerizer } from "../create-containerizer.ts";
import { detect } from "../detect.ts";
import { findAccount } from "../machine/accounts.ts";
import { Cgroups } from "../machine/cgroups.ts";
import { allProcesses, until } from "../machine/proc.ts";

/** A side of the contract, as far as this machine can have it. */
export interface Side {
  readonly name: string;
  readonly kind: "oci" | "process";
  readonly runtime?: "crun" | "runc";
}

/** Every side that this machine allows: each must pass the same suite. */
export function sides(): readonly Side[] {
  const found: Side[] = [{ name: "process", kind: "process" }];
  for (const runtime of ["crun", "runc"] as const)
    if (detect(runtime).lacks.length === 0)
      found.push({ name: `oci ${runtime}`, kind: "oci", runtime });
  return found;
}

/** Parts of a spec that a test wants otherwise. */
export type SpecChange = Partial<Omit<ContainerSpec, "limits">> & {
  readonly script?: string;
  readonly limits?: Partial<ContainerSpec["limits"]>;
};

/** A containerizer of a test's own, its directories, and what it told. */
export class Bench {
  readonly side: Side;
  readonly dir: string;
  readonly user: string;
  /** The user's number as text. */
  readonly uid: string;
  readonly exits = new Map<string, readonly ContainerExit[]>();
  #containerizer: CreatedContainerizer | undefined;
  #count = 0;

  private constructor(side: Side) {
    this.side = side;
    this.dir = mkdtempSync(`${tmpdir()}/tutti-containers-`);
    this.uid = process.getuid?.() === 0 ? "65534" : String(process.getuid?.());
    this.user = process.getuid?.() === 0 ? "nobody" : this.uid;
  }

  static async create(side: Side): Promise<Bench> {
    const bench = new Bench(side);
    await bench.restart();
    return bench;
  }

  get containerizer(): CreatedContainerizer {
    return present(this.#containerizer, "an open containerizer");
  }

  /** What containers see as /etc/resolv.conf, once a test has made it. */
  get resolvConf(): string {
    return `${this.dir}/resolv.conf`;
  }

  /** Cgroup path of the bench's containers. */
  get cgroupParent(): string {
    return `/${basename(this.dir)}/containers`;
  }

  /** The configuration, for another process too. */
  config(): Parameters<typeof createContainerizer>[0] {
    return {
      runtimeDir: `${this.dir}/run`,
      cgroupParent: this.cgroupParent,
      stateMark: "test",
      resolvConf: this.resolvConf,
      kind: this.side.kind,
      ...(this.side.runtime === undefined ? {} : { runtime: this.side.runtime }),
    };
  }

  /** Closes: the containers go on. */
  async stop(): Promise<void> {
    await this.#containerizer?.close();
    this.#containerizer = undefined;
  }

  /** Closes and opens again, as an agent that starts anew. */
  async restart(): Promise<void> {
    await this.stop();
    this.#containerizer = await createContainerizer(this.config());
    this.#containerizer.onExit((id, exit) =>
      this.exits.set(id, [...(this.exits.get(id) ?? []), exit]),
    );
  }

  /** A spec with a fresh id and sandbox. */
  async spec(change: SpecChange = {}): Promise<ContainerSpec> {
    this.#count += 1;
    const containerId = `c${String(process.pid)}-${String(this.#count)}`;
    const sandboxDir = `${this.dir}/sandbox/${containerId}`;
    mkdirSync(sandboxDir, { recursive: true });
    for (const dir of [this.dir, `${this.dir}/sandbox`]) openToAll(dir);
    const { script, limits, ...rest } = change;
    const spec: ContainerSpec = {
      containerId,
      command: { type: "shell", value: script ?? "exec sleep 1000" },
      env: { PATH: "/usr/bin:/bin" },
      user: this.user,
      sandboxDir,
      rootfs: { type: "host" },
      ...rest,
      limits: { cpusMilli: 100, memoryBytes: 64 * 1024 * 1024, pidsMax: 100, ...limits },
    };
    if (process.getuid?.() === 0) {
      const account = await findAccount(spec.user);
      chownSync(sandboxDir, account.uid, account.gid);
    }
    return spec;
  }

  /** Launches a script and waits for its end. */
  async run(change: SpecChange): Promise<{ spec: ContainerSpec; exit: ContainerExit }> {
    const spec = await this.spec(change);
    await this.containerizer.launch(spec);
    return { spec, exit: await this.exit(spec.containerId) };
  }

  /** The end of a container; throws when it is not told in time. */
  async exit(containerId: string, timeoutMs = 60_000): Promise<ContainerExit> {
    await until(() => this.exits.has(containerId), timeoutMs);
    return present(this.exits.get(containerId)?.[0], `the end of ${containerId}`);
  }

  /** Text of a file in the sandbox; empty while there is none. */
  read(spec: ContainerSpec, name: string): string {
    const path = `${spec.sandboxDir}/${name}`;
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Waits until a file of the sandbox holds `text`. */
  sees(spec: ContainerSpec, name: string, text: string): Promise<boolean> {
    return until(() => this.read(spec, name).includes(text), 60_000);
  }

  /** Destroys every container and removes all directories and groups of the bench. */
  async close(): Promise<void> {
    const { containersDir } = this;
    const ids = existsSync(containersDir) ? readdirSync(containersDir) : [];
    await this.containerizer.recover(ids);
    await Promise.all(ids.map((id) => this.containerizer.destroy(id)));
    await this.containerizer.close();
    await new Cgroups().remove(this.cgroupParent.replace("/containers", ""), 5_000);
    rmSync(this.dir, { recursive: true, force: true });
  }

  get containersDir(): string {
    return `${this.dir}/run/containers`;
  }
}

function openToAll(dir: string): void {
  if (process.getuid?.() === 0) chmodSync(dir, 0o755);
}

/**
 * What is left of a destroyed container: its directory, its exit status, processes whose command line has
 * `word`, control groups.
 */
export function leftovers(bench: Bench, spec: ContainerSpec, word: string): readonly string[] {
  const id = spec.containerId;
  const dir = `${bench.containersDir}/${id}`;
  const { layout } = new Cgroups();
  const paths = [
    `${bench.containersDir}/${id}`,
    `${bench.dir}/run/exits/${id}`,
    `${bench.dir}/run/runtime/${id}`,
    ...cgroupDirs(layout, `${bench.cgroupParent}/${id}`),
  ];
  const processes = allProcesses().filter(
    ({ argv }) => argv.includes(word) || argv.some((arg) => arg === id || arg.includes(dir)),
  );
  return [
    ...paths.filter((path) => existsSync(path)),
    ...processes.map(({ pid, argv }) => `${String(pid)} ${argv.join(" ")}`),
  ];
}

/**
 * Starts an agent of its own that launches the containers, and kills it with SIGKILL: when all run, or as soon as
 * `moment` has come.
 */
export async function killedAgent(
  bench: Bench,
  specs: readonly ContainerSpec[],
  moment: () => boolean = () => false,
): Promise<void> {
  const victim = fileURLToPath(new URL("victim.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [victim, JSON.stringify(bench.config()), JSON.stringify(specs)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let isReady = false;
  child.stdout.on("data", () => {
    isReady = true;
  });
  await until(() => isReady || child.exitCode !== null || moment(), 60_000);
  if (child.exitCode !== null) throw new Error("the agent ended by itself");
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
  });
  child.kill("SIGKILL");
  await ended;
}
