import type { ContainerExit, ContainerState } from "@tutti/containerizer/core";
import type { CheckPurpose, ProbeResult } from "@tutti/executor";
import type { MasterEnvelope } from "@tutti/node-v1";

/**
 * What happens to an agent. Each `dial` effect is answered by any number of `masterMessage`s and then
 * exactly one `dialRedirected`, `dialFailed` or `masterClosed`, all with its number; a `hangUp` needs
 * no answer. Late answers of an earlier dial are ignored.
 */
export type AgentEvent =
  /** The deadline of the last `wakeAtMonoMs` is due. */
  | { readonly type: "wake" }
  /** The event loop was blocked: deadlines may have passed while messages lay unread. */
  | { readonly type: "stalled"; readonly stalledMs: number }

  // Containers.
  /** Answers `recoverContainers`: what was found, also containers of this agent nobody asked for. */
  | {
      readonly type: "containersRecovered";
      readonly containers: readonly (readonly [containerId: string, state: ContainerState])[];
    }
  | { readonly type: "containerLaunched"; readonly containerId: string; readonly pid: number }
  /** `message`: the step that failed and its cause. */
  | {
      readonly type: "containerLaunchFailed";
      readonly containerId: string;
      readonly message: string;
    }
  /** At any time, also more than once. */
  | { readonly type: "containerExited"; readonly containerId: string; readonly exit: ContainerExit }
  | { readonly type: "containerDestroyed"; readonly containerId: string }
  | {
      readonly type: "containerDestroyFailed";
      readonly containerId: string;
      readonly message: string;
    }
  | {
      readonly type: "checkFinished";
      readonly containerId: string;
      readonly purpose: CheckPurpose;
      readonly attempt: number;
      readonly result: ProbeResult;
    }
  /** No machine leads connections to the task of the container any more, and it has none. */
  | { readonly type: "taskDrained"; readonly containerId: string }
  | { readonly type: "sandboxRemoved"; readonly id: string }
  | { readonly type: "sandboxRemovalFailed"; readonly id: string; readonly message: string }

  /** Every minute: how much of the disk with the sandboxes is in use, 0–1. */
  | { readonly type: "diskMeasured"; readonly usedFraction: number }

  // The master.
  /** The dialled master is not the leader; `url` (scheme, host, port) is. */
  | { readonly type: "dialRedirected"; readonly dial: number; readonly url: string }
  | { readonly type: "dialFailed"; readonly dial: number; readonly message: string }
  | { readonly type: "masterMessage"; readonly dial: number; readonly envelope: MasterEnvelope }
  | { readonly type: "masterClosed"; readonly dial: number; readonly message: string }
  /** The answer to a `post`; 202 is success, 410 the end of the session. */
  | {
      readonly type: "postAnswered";
      readonly dial: number;
      readonly post: number;
      readonly status: number;
    }
  | {
      readonly type: "postFailed";
      readonly dial: number;
      readonly post: number;
      readonly message: string;
    };
