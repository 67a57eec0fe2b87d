import { isIP } from "node:net";
import { discoveryPaths, discoveryVersions } from "@tutti/discovery-v1";
import type { AppliedReport, FollowRequest } from "@tutti/discovery-v1";
import { jsonReply, textReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import type { DiscoveryLeader } from "./leader.ts";
import { limits } from "./limits.ts";

interface RoutesOptions {
  readonly leader: () => DiscoveryLeader | undefined;
  /** Where the discovery that leads answers, as far as this one knows. */
  readonly leaderUrl: () => Promise<string | undefined>;
}

/** The HTTP surface of discovery: what machines follow, and what operators ask. */
export function discoveryRoutes(options: RoutesOptions): readonly Route[] {
  const led =
    (handle: (leader: DiscoveryLeader, request: HttpRequest) => HttpReply | Promise<HttpReply>) =>
    (request: HttpRequest): HttpReply | Promise<HttpReply> => {
      const leader = options.leader();
      return leader === undefined ? elsewhere(options, request) : handle(leader, request);
    };
  const bodyBytesMax = limits.requestBytesMax;
  return [
    {
      path: discoveryPaths.stream,
      methods: { POST: led(follow) },
      bodyBytesMax,
      streamBufferedBytesMax: limits.followerBufferedBytesMax,
    },
    { path: discoveryPaths.applied, methods: { POST: led(applied) }, bodyBytesMax },
    { path: discoveryPaths.release, methods: { POST: led(release) }, bodyBytesMax },
    { path: discoveryPaths.problems, methods: { GET: led(problems) } },
    { path: discoveryPaths.drained, methods: { GET: led(drained) } },
    {
      path: discoveryPaths.status,
      methods: { GET: led((leader) => jsonReply(200, leader.status())) },
    },
  ];
}

async function elsewhere(options: RoutesOptions, request: HttpRequest): Promise<HttpReply> {
  const url = await options.leaderUrl();
  if (url === undefined) return textReply(503, "503 Service Unavailable. No discovery leads.");
  return { status: 307, headers: { Location: url + request.path } };
}

async function follow(leader: DiscoveryLeader, request: HttpRequest): Promise<HttpReply> {
  const wanted = parse(request.body);
  const problem = problemOfFollow(wanted);
  if (problem !== undefined) return textReply(400, `400 Bad Request. ${problem}`);
  if (!(await leader.ready(limits.readyWaitMs)))
    return textReply(503, "503 Service Unavailable. No master has spoken yet.", {
      "Retry-After": "1",
    });
  if (leader.followers >= limits.followersMax)
    return textReply(503, "503 Service Unavailable. Too many machines follow already.");
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    stream: (writer) => leader.follow(wanted as FollowRequest, writer, request.remoteAddress),
  };
}

function problemOfFollow(value: unknown): string | undefined {
  const { versionMin, versionMax, machine, address, have } = record(value);
  if (typeof versionMin !== "number" || typeof versionMax !== "number")
    return "versionMin and versionMax must be numbers.";
  if (versionMin > discoveryVersions.max || versionMax < discoveryVersions.min)
    return `Versions ${discoveryVersions.min} to ${discoveryVersions.max} are spoken here.`;
  if (!isMachineName(machine)) return "machine must be a name.";
  if (address !== undefined && (typeof address !== "string" || isIP(address) === 0))
    return "address must be an IPv4 or IPv6 address.";
  return have === undefined || isVersion(have) ? undefined : "have must be a version.";
}

function applied(leader: DiscoveryLeader, request: HttpRequest): HttpReply {
  const report = record(parse(request.body));
  if (!isMachineName(report["machine"]) || !isVersion(report["version"]))
    return textReply(400, "400 Bad Request. machine and version are needed.");
  leader.applied(report as unknown as AppliedReport);
  return { status: 202 };
}

async function release(leader: DiscoveryLeader): Promise<HttpReply> {
  await leader.release();
  return jsonReply(200, leader.status());
}

async function problems(leader: DiscoveryLeader, { query }: HttpRequest): Promise<HttpReply> {
  const frameworkId = query.get("framework");
  const taskId = query.get("task");
  const name = query.get("name");
  const found = await leader.problems({
    ...(frameworkId === null ? {} : { frameworkId }),
    ...(taskId === null ? {} : { taskId }),
    ...(name === null ? {} : { name }),
  });
  return jsonReply(200, { problems: found });
}

async function drained(leader: DiscoveryLeader, { query }: HttpRequest): Promise<HttpReply> {
  const frameworkId = query.get("framework") ?? "";
  const taskId = query.get("task") ?? "";
  const waitMs = Number(query.get("waitMs") ?? 0);
  if (frameworkId === "" || taskId === "" || !(waitMs >= 0))
    return textReply(400, "400 Bad Request. framework and task are needed.");
  return jsonReply(200, { drained: await leader.drained({ frameworkId, taskId }, waitMs) });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isMachineName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= limits.machineNameUnitsMax;
}

function isVersion(value: unknown): boolean {
  const { epoch, sequence } = record(value);
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(sequence);
}
