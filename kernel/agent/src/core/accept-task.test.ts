import { describe, expect, it } from "vitest";
import type { CommandInfo, FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import { checkTask } from "./check-task.ts";
import type { UserPolicy } from "./config.ts";
import { containerSpecOf } from "./container-spec.ts";
import { commandTask, framework } from "./testing/tasks.ts";
import { agentId, testConfig } from "./testing/simulated-world.ts";
import { decideUser } from "./task-user.ts";

const policy: UserPolicy = { defaultUser: "nobody", switching: true, rootAllowed: false };
const command: CommandInfo = { value: "true" };

function messageOf(extra: Partial<TaskInfo>): string | undefined {
  const result = checkTask(commandTask("t", extra), agentId);
  return result.ok ? undefined : result.error.message;
}

describe("what this agent cannot run", () => {
  it.each<readonly [Partial<TaskInfo>, RegExp]>([
    [
      { agent_id: { value: "other" } },
      /^Task uses invalid agent other while agent m1-S0 is expected$/,
    ],
    [{ executor: { executor_id: { value: "e" } } }, /brings its own executor/],
    [{ command: {} }, /Task has no command/],
    [{ command: { ...command, uris: [{ value: "http://x/y" }] } }, /fetches no URIs/],
    [{ container: { type: "DOCKER", docker: { image: "x" } } }, /no containerizer for DOCKER/],
    [{ container: { type: "MESOS", mesos: { image: { type: "DOCKER" } } } }, /names an image/],
    [
      { container: { type: "MESOS", volumes: [{ container_path: "/x", mode: "RW" }] } },
      /mounts none/,
    ],
    [{ container: { type: "MESOS", network_infos: [{ name: "overlay" }] } }, /names a network/],
    [
      { command: { ...command, environment: { variables: [{ name: "S", type: "SECRET" }] } } },
      /'S' is a secret/,
    ],
    [
      { command: { ...command, environment: { variables: [{ name: "A=B", value: "" }] } } },
      /not a name/,
    ],
    [
      { command: { ...command, environment: { variables: [{ name: "A", value: "a\0b" }] } } },
      /zero byte/,
    ],
    [
      {
        command: {
          ...command,
          environment: { variables: [{ name: "A", value: "é".repeat(70_000) }] },
        },
      },
      /^Environment has 140003 bytes; the most is 131072$/,
    ],
  ])("[AGT15] %j is refused", (extra, message) => {
    expect(messageOf(extra)).toMatch(message);
  });

  it("[AGT15] a container that asks for nothing special is accepted", () => {
    expect(messageOf({ container: { type: "MESOS", network_infos: [{}] } })).toBeUndefined();
  });
});

describe("the user of a task", () => {
  const of = (user: string): FrameworkInfo => ({ user, name: "f" });
  it.each<readonly [string, string | undefined, string, Partial<UserPolicy>, string | undefined]>([
    ["the task's own", "alice", "bob", {}, "alice"],
    ["else the framework's", undefined, "bob", {}, "bob"],
    ["a framework that is root gives the default", undefined, "root", {}, "nobody"],
    ["and root where that is allowed", undefined, "root", { rootAllowed: true }, "root"],
    ["a framework without a user gives the default", undefined, "", {}, "nobody"],
    ["root is refused", "root", "bob", {}, undefined],
    ["by its number too", "00", "bob", {}, undefined],
    ["unless it is allowed", "root", "bob", { rootAllowed: true }, "root"],
    ["an agent that is not root cannot switch", "bob", "bob", { switching: false }, undefined],
    ["and runs all as itself", undefined, "bob", { switching: false, defaultUser: "me" }, "me"],
    ["also when asked to", "me", "bob", { switching: false, defaultUser: "me" }, "me"],
  ])("[AGT16] %s", (_title, own, frameworkUser, change, expected) => {
    const task = commandTask("t", {
      command: { ...command, ...(own === undefined ? {} : { user: own }) },
    });
    const result = decideUser(task, of(frameworkUser), { ...policy, ...change });
    expect(result.ok ? result.value : undefined).toBe(expected);
    if (!result.ok) expect(result.error.code).toBe("TASK_UNAUTHORIZED");
  });
});

describe("what is started", () => {
  function specOf(extra: Partial<TaskInfo>, cpuQuota = true): ReturnType<typeof containerSpecOf> {
    return containerSpecOf({
      task: commandTask("t", extra),
      framework,
      frameworkId: "f1",
      agentId,
      containerId: "c1",
      sandboxDir: "/s",
      user: "nobody",
      config: { ...testConfig, cpuQuota },
    });
  }

  it("[AGT19] a shell command, a program, a program without a list of arguments", () => {
    expect(specOf({}).command).toEqual({ type: "shell", value: "sleep 1000" });
    const program = { shell: false, value: "/bin/echo", arguments: ["name", "hi"] };
    expect(specOf({ command: program }).command).toEqual({
      type: "exec",
      path: "/bin/echo",
      argv: ["name", "hi"],
    });
    expect(specOf({ command: { shell: false, value: "/bin/true" } }).command).toMatchObject({
      argv: ["/bin/true"],
    });
  });

  it("[AGT19] limits: what was asked for, Mesos's least, limits of their own, no quota", () => {
    const base = { cpusMilli: 500, cpusLimitMilli: 500, memoryBytes: 67_108_864, pidsMax: 4_096 };
    expect(specOf({}).limits).toEqual(base);
    expect(specOf({}, false).limits).not.toHaveProperty("cpusLimitMilli");
    expect(specOf({ limits: { cpus: { value: 2 }, mem: { value: 128 } } }).limits).toEqual({
      ...base,
      cpusLimitMilli: 2_000,
      memoryBytes: 134_217_728,
    });
    expect(
      specOf({ limits: { cpus: { value: Infinity }, mem: { value: Infinity } } }).limits,
    ).toEqual({
      cpusMilli: 500,
      memoryBytes: 4096 * 1024 * 1024,
      pidsMax: 4_096,
    });
    expect(specOf({ resources: [] }).limits).toMatchObject({
      cpusMilli: 10,
      memoryBytes: 33_554_432,
    });
  });

  it("[AGT18] the command's variables win over the agent's", () => {
    const variables = [
      { name: "PATH", value: "/mine" },
      { name: "PORT0", value: "31000" },
      { name: "EMPTY", value: "" },
    ];
    expect(specOf({ command: { ...command, environment: { variables } } }).env).toMatchObject({
      PATH: "/mine",
      PORT0: "31000",
      EMPTY: "",
      MESOS_SANDBOX: "/s",
      MESOS_ALLOCATION_ROLE: "*",
    });
  });
});
