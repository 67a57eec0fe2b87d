/** What an app is to be, as Marathon has acknowledged it. */
export interface WantedApp {
  readonly id: string;
  readonly instances: number;
  readonly release: number;
}

/** The app that nobody changes: none of its instances may be replaced, whatever happens around it. */
export const steadyApp: WantedApp = { id: "/steady", instances: 3, release: 0 };

/**
 * Where agents are lost: the app whose instances are to be replaced at once, and that nobody else hurts; some instance
 * of it runs on every private agent.
 */
export const movingApp: WantedApp = { id: "/moving", instances: 3, release: 0 };

/** Who looks after an app's instances: nobody, Marathon (which kills for HTTP checks), or the executor (for commands). */
export type HealthCheckKind = "none" | "http" | "command";

/** The health check of an app: of four apps two have an HTTP check and one a command; steady and moving have none. */
export function healthCheckOf(appId: string): HealthCheckKind {
  const number = /\d+$/u.exec(appId)?.[0];
  if (number === undefined) return "none";
  return (["command", "http", "none", "http"] as const)[Number(number) % 4] ?? "none";
}

/** The Marathon definition of an app. */
export function definitionOf(app: WantedApp): Readonly<Record<string, unknown>> {
  return {
    id: app.id,
    cpus: 0.02,
    mem: 16,
    disk: 0,
    instances: app.instances,
    env: { RELEASE: String(app.release) },
    taskKillGracePeriodSeconds: 3,
    backoffSeconds: 1,
    maxLaunchDelaySeconds: 5,
    ...programs[healthCheckOf(app.id)],
  };
}

/** As soon as a task answers it is healthy; then three failures in a row are the end of it. */
const patience = { gracePeriodSeconds: 30, delaySeconds: 0, maxConsecutiveFailures: 3 };

/** A page of one connection at a time, in a language that starts quickly and every machine of a cluster has. */
const page = [
  "$SIG{TERM} = sub { exit 0 };",
  '$server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ENV{PORT0}, Listen => 16, ReuseAddr => 1) or die $!;',
  "while (1) {",
  "$client = $server->accept or next; sysread $client, $request, 4096;",
  'syswrite $client, "HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"; close $client;',
  "}",
].join(" ");

const programs: Readonly<Record<HealthCheckKind, Readonly<Record<string, unknown>>>> = {
  none: { cmd: 'trap "exit 0" TERM; while :; do sleep 0.5; done' },
  http: {
    cmd: `perl -MIO::Socket::INET -e '${page}'`,
    mem: 32,
    portDefinitions: [{ port: 0, name: "page" }],
    healthChecks: [
      {
        ...patience,
        protocol: "HTTP",
        path: "/",
        portIndex: 0,
        intervalSeconds: 1,
        timeoutSeconds: 2,
      },
    ],
  },
  // Healthy is who has written to its sandbox lately.
  command: {
    cmd: 'trap "exit 0" TERM; while :; do : >"$MESOS_SANDBOX/beat"; sleep 0.5; done',
    healthChecks: [
      {
        ...patience,
        protocol: "COMMAND",
        command: {
          value: 'test $(($(date +%s) - $(stat -c %Y "$MESOS_SANDBOX/beat"))) -le 3',
        },
        intervalSeconds: 3,
        timeoutSeconds: 3,
      },
    ],
  },
};
