import type { ContainerCommand, ContainerSpec } from "@tutti/containerizer/core";
import type { CheckPurpose } from "@tutti/executor";
import type { AgentHello, AgentPost } from "@tutti/node-v1";

/** A check as the shell makes it: nothing is left to decide. */
export type ContainerCheck =
  | {
      readonly type: "command";
      readonly command: ContainerCommand;
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "http";
      readonly scheme: "http" | "https";
      readonly family: "IPv4" | "IPv6";
      readonly port: number;
      readonly path: string;
    }
  | { readonly type: "tcp"; readonly family: "IPv4" | "IPv6"; readonly port: number };

/**
 * What an agent wants done, when all entries of the step are durable. Every effect may be performed
 * again after a crash. Effects on one container are performed one after the other.
 */
export type AgentEffect =
  // Containers.
  /** Find what runs: the first effect of a life. Answer: `containersRecovered`. */
  | { readonly type: "recoverContainers"; readonly containerIds: readonly string[] }
  /**
   * Make the sandbox (owned by the user of the spec, with `latestLink` pointing to it), then start the
   * container; one that runs already is left as it is. A user with uid 0 is refused unless
   * `rootAllowed`. Answer: `containerLaunched` or `containerLaunchFailed`.
   */
  | {
      readonly type: "launchContainer";
      readonly spec: ContainerSpec;
      readonly latestLink: string;
      readonly rootAllowed: boolean;
    }
  /** No answer. */
  | { readonly type: "signalContainer"; readonly containerId: string; readonly signal: number }
  /** Kill all of it and leave nothing but the sandbox. Answer: `containerDestroyed` or `…DestroyFailed`. */
  | { readonly type: "destroyContainer"; readonly containerId: string }
  /** Answer: `checkFinished`, after `timeoutMs` at the latest. */
  | {
      readonly type: "runCheck";
      readonly containerId: string;
      readonly purpose: CheckPurpose;
      readonly attempt: number;
      readonly check: ContainerCheck;
      readonly timeoutMs: number;
    }
  /**
   * Ask discovery whether every machine has stopped leading connections to the task, then wait until nobody is
   * connected to `ports` of the process `pid` any more; for at most `waitMs` in all. Answer: `taskDrained` when both
   * are so, or when connections are still open `connectionsMs` after the first; else none.
   */
  | {
      readonly type: "awaitDrained";
      readonly containerId: string;
      readonly frameworkId: string;
      readonly taskId: string;
      /** Absent when it is not known: then nobody's connections are waited for. */
      readonly pid?: number;
      readonly ports: readonly number[];
      readonly waitMs: number;
      /** Absent: connections are waited for as long as for everything. */
      readonly connectionsMs?: number;
    }
  /** Remove the directory and all in it. Answer: `sandboxRemoved` or `sandboxRemovalFailed`. */
  | { readonly type: "removeSandbox"; readonly id: string; readonly dir: string }

  // The master.
  /** Open the stream at `url` (scheme, host, port). Ends an earlier dial. */
  | {
      readonly type: "dial";
      readonly dial: number;
      readonly url: string;
      readonly hello: AgentHello;
    }
  | { readonly type: "hangUp"; readonly dial: number }
  /** Answer: `postAnswered` or `postFailed`. At most one is under way in a session. */
  | {
      readonly type: "post";
      readonly dial: number;
      readonly post: number;
      readonly url: string;
      readonly sessionId: string;
      readonly body: AgentPost;
    }
  /** The master wants this agent no more, for ever: the process should end. */
  | { readonly type: "giveUp"; readonly code: string; readonly reason: string }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number>>;
    };

export type LogLevel = "debug" | "info" | "warn" | "error";
