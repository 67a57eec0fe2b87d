import { jsonReply, textReply } from "@tutti/http";
import type { Route } from "@tutti/http";
import type { MarathonInfo } from "@tutti/marathon-v2";
import { limits as coreLimits } from "../../core/index.ts";
import type { World } from "../../core/index.ts";
import type { MarathonConfig } from "../config.ts";
import { limits } from "../limits.ts";
import type { MarathonService } from "../service.ts";

/** `/ping`, `/v2/info`, `/v2/leader` and `/metrics`. `url` is known once the server listens. */
export function systemRoutes(
  service: MarathonService,
  config: MarathonConfig,
  url: () => string,
): readonly Route[] {
  return [
    { path: "/ping", methods: { GET: () => textReply(200, "pong") } },
    {
      path: "/v2/info",
      methods: {
        GET: () => service.read((world) => jsonReply(200, infoOf(world, config, url()))),
      },
    },
    {
      path: "/v2/leader",
      methods: { GET: () => jsonReply(200, { leader: url().replace("http://", "") }) },
    },
    {
      path: "/metrics",
      methods: { GET: () => service.read((world) => jsonReply(200, metricsOf(service, world))) },
    },
  ];
}

function infoOf(world: World, config: MarathonConfig, url: string): MarathonInfo {
  const { frameworkId, masterUrl, connected, reason } = world.connection;
  return {
    name: config.frameworkName ?? "marathon",
    version: "1.11.0",
    buildref: `tutti-${config.release ?? "0.1.0"}`,
    elected: true,
    leader: url.replace("http://", ""),
    ...(frameworkId === undefined ? {} : { frameworkId }),
    masterConnection: connected ? { connected } : { connected, reason },
    marathon_config: {
      checkpoint: true,
      decline_offer_duration: coreLimits.refuseUnmatchedSeconds * 1000,
      executor: "//cmd",
      failover_timeout: limits.failoverTimeoutS,
      features: [],
      framework_name: config.frameworkName ?? "marathon",
      ha: true,
      hostname: config.hostname ?? config.ip,
      local_port_max: world.options.servicePorts.max,
      local_port_min: world.options.servicePorts.min,
      master: config.masters.join(","),
      max_instances_per_offer: coreLimits.launchesPerOfferMax,
      mesos_leader_ui_url: `${masterUrl ?? config.masters[0] ?? ""}/`,
      mesos_role: world.options.roles[0],
      mesos_user: config.user ?? "nobody",
      reconciliation_interval: coreLimits.reconcileIntervalMs,
      task_launch_timeout: coreLimits.launchTimeoutMs,
      webui_url: url,
    },
    zookeeper_config: {},
    http_config: { http_port: config.port, https_port: 0 },
  };
}

function metricsOf(service: MarathonService, world: World): object {
  let tasks = 0;
  let waiting = 0;
  for (const app of world.apps.values()) {
    tasks += app.tally.occupied;
    waiting += app.launch.wanted;
  }
  const gauge = (value: number): object => ({ value });
  return {
    version: "4.0.0",
    counters: {},
    gauges: {
      "marathon.apps.active.gauge": gauge(world.apps.size),
      "marathon.deployments.active.gauge": gauge(world.deployments.size),
      "marathon.events.streams.active.gauge": gauge(service.events.size),
      "marathon.instances.active.gauge": gauge(tasks),
      "marathon.instances.waiting.gauge": gauge(waiting),
      "marathon.master.connected.gauge": gauge(world.connection.connected ? 1 : 0),
    },
    histograms: {},
    meters: {},
    timers: {},
  };
}
