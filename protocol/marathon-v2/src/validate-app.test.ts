import { describe, expect, it } from "vitest";
import type { AppInput } from "./app.ts";
import { mergeAppInput } from "./canonical-app.ts";
import { validateApp } from "./validate-app.ts";

const context = { roles: ["*", "slave_public"] };
const base: AppInput = { id: "/web", cmd: "serve" };

function detailsOf(input: AppInput): readonly string[] {
  const valid = validateApp(input, context);
  if (valid.ok) return [];
  expect(valid.error.message).toBe("Object is not valid");
  return (valid.error.details ?? []).map(({ path, errors }) => `${path}: ${errors.join("; ")}`);
}

describe("validateApp", () => {
  it("[APP4] fills in Marathon's defaults", () => {
    expect(validateApp({ id: "web", cmd: "serve" }, context)).toEqual({
      ok: true,
      value: {
        id: "/web",
        backoffFactor: 1.15,
        backoffSeconds: 1,
        cmd: "serve",
        constraints: [],
        cpus: 1,
        dependencies: [],
        disk: 0,
        env: {},
        executor: "",
        gpus: 0,
        healthChecks: [],
        instances: 1,
        killSelection: "YOUNGEST_FIRST",
        labels: {},
        maxLaunchDelaySeconds: 300,
        mem: 128,
        networks: [{ mode: "host" }],
        portDefinitions: [{ port: 0, protocol: "tcp", name: "default", labels: {} }],
        requirePorts: false,
        unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
        upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      },
    });
  });

  it("[APP5] turns legacy ports into port definitions", () => {
    const valid = validateApp({ ...base, ports: [80, 0] }, context);
    expect(valid.ok && valid.value.portDefinitions).toEqual([
      { port: 80, protocol: "tcp", labels: {} },
      { port: 0, protocol: "tcp", labels: {} },
    ]);
  });

  it("[APP4] gives a health check its defaults and the first port", () => {
    const valid = validateApp({ ...base, healthChecks: [{ path: "/" }] }, context);
    expect(valid.ok && valid.value.healthChecks).toEqual([
      {
        protocol: "HTTP",
        path: "/",
        portIndex: 0,
        ipProtocol: "IPv4",
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        timeoutSeconds: 20,
        delaySeconds: 15,
        maxConsecutiveFailures: 3,
      },
    ]);
  });

  it("[APP6] resolves dependencies against the app's group", () => {
    const valid = validateApp(
      { ...base, id: "/shop/web", dependencies: ["db", "/x", "../y"] },
      context,
    );
    expect(valid.ok && valid.value.dependencies).toEqual(["/shop/db", "/x", "/y"]);
  });

  const cases: readonly (readonly [string, AppInput, readonly string[]])[] = [
    [
      "[APP8] neither command nor arguments",
      { id: "/web" },
      ["/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    ],
    [
      "[APP8] command and arguments",
      { ...base, args: ["a"] },
      ["/: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    ],
    ["[APP8] no id", { cmd: "x" }, ["/id: is required"]],
    [
      "[APP8] a reserved word as id",
      { ...base, id: "/a/tasks" },
      [
        "/id: must not end with any of the following reserved keywords: restart, tasks, versions, ., ..",
      ],
    ],
    [
      "[APP8] the same port twice",
      { ...base, portDefinitions: [{ port: 80 }, { port: 80 }] },
      ["/portDefinitions: Ports must be unique."],
    ],
    [
      "[APP5] ports and other port definitions",
      { ...base, ports: [1], portDefinitions: [{ port: 2 }] },
      ["/: cannot specify both ports and port definitions"],
    ],
    [
      "[APP8] a health check of a port that is not there",
      { ...base, healthChecks: [{ portIndex: 3 }] },
      [
        "/healthChecks(0): Health check port indices must address an element of the ports array or container port mappings.",
      ],
    ],
    [
      "[APP9] an unknown operator",
      { ...base, constraints: [["hostname", "NEAR", "x"]] },
      [
        "/constraints(0): Operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS, got 'NEAR'",
      ],
    ],
    [
      "[APP9] a value that UNIQUE does not take",
      { ...base, constraints: [["hostname", "UNIQUE", "x"]] },
      ["/constraints(0): Value specified but not used"],
    ],
    [
      "[APP7] a container",
      { ...base, container: { type: "DOCKER" } },
      [
        "/container: containers with images, volumes or networks are not supported by this release: remove the field to run the command on the machine's own file system",
      ],
    ],
    [
      "[APP7] a network of containers",
      { ...base, networks: [{ name: "dcos" }] },
      ["/networks(0)/mode: network mode 'container' is not supported by this release: use 'host'"],
    ],
    [
      "[APP7] a secret",
      { ...base, env: { PASSWORD: { secret: "s" } } },
      ["/env/PASSWORD: secrets are not supported by this release: give the value as a string"],
    ],
    [
      "[APP7] artifacts",
      { ...base, uris: ["http://x/y"] },
      ["/uris: fetching artifacts is not supported by this release: let the command download them"],
    ],
    [
      "[APP8] a role Marathon does not have",
      { ...base, role: "eng" },
      ["/role: must be one of the roles Marathon is subscribed with: *, slave_public"],
    ],
    [
      "[APP8] resources of a role that is never offered",
      { ...base, acceptedResourceRoles: ["eng"] },
      [
        "/acceptedResourceRoles(0): 'eng' can never be offered to this app: use one of *, slave_public",
      ],
    ],
    [
      "[APP8] an app that depends on itself",
      { ...base, dependencies: ["/web"] },
      ["/dependencies(0): an app must not depend on itself"],
    ],
    [
      "[APP8] a definition too large",
      { ...base, cmd: "x".repeat(90_000) },
      ["/: the definition is larger than 80000 characters"],
    ],
    [
      "[APP7] empty forms of what is not supported",
      {
        ...base,
        fetch: [],
        readinessChecks: [],
        secrets: {},
        tty: false,
        executor: "//cmd",
        networks: [{ mode: "host" }],
      },
      [],
    ],
  ];
  for (const [name, input, details] of cases) {
    it(name, () => {
      expect(detailsOf(input)).toEqual(details);
    });
  }

  it("[APP9] a pattern that RE2 cannot run", () => {
    const [detail = ""] = detailsOf({ ...base, constraints: [["hostname", "LIKE", "(?<=a)b"]] });
    expect(detail).toContain("'(?<=a)b' is not a valid regular expression");
  });
});

describe("mergeAppInput", () => {
  it("[APP6] a command replaces arguments, ports replace port definitions, the rest stays", () => {
    const current: AppInput = {
      id: "/web",
      args: ["a"],
      portDefinitions: [{ port: 1 }],
      labels: { a: "1" },
    };
    expect(mergeAppInput(current, { cmd: "x", ports: [2] })).toEqual({
      id: "/web",
      cmd: "x",
      ports: [2],
      labels: { a: "1" },
    });
    expect(mergeAppInput(current, { labels: {} })).toEqual({ ...current, labels: {} });
  });
});
