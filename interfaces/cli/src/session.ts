import type { CliContext } from "./context.ts";
import type { Output } from "./output.ts";
import { Service } from "./service.ts";
import type { Target } from "./target.ts";

/** One run of a command against one cluster. */
export interface Session {
  readonly context: CliContext;
  readonly target: Target;
  readonly output: Output;
  readonly marathon: Service;
  readonly master: Service;
  /** Names and virtual IPs, as the master's machine knows them. */
  readonly node: Service;
  readonly mesosDns: Service;
  /** Ends waiting and following: the user, or the reader of the output, is gone. */
  readonly signal: AbortSignal;
  /** Another service of the cluster, such as an agent. */
  service(name: string, url: string): Service;
}

/** Opens a session; nothing is asked of the cluster yet. */
export function openSession(context: CliContext, target: Target, output: Output): Session {
  const signal =
    context.signal === undefined ? output.closed : AbortSignal.any([context.signal, output.closed]);
  const service = (name: string, url: string): Service =>
    new Service(name, url, {
      secret: target.secret,
      signal,
      isNamed: target.cluster === undefined,
      onRestart: (text) => output.note(text),
    });
  return {
    context,
    target,
    output,
    signal,
    service,
    marathon: service("Marathon", target.marathonUrl),
    master: service("The master", target.masterUrl),
    node: service("The node process", target.nodeUrl),
    mesosDns: service("Mesos-DNS", target.mesosDnsUrl),
  };
}
