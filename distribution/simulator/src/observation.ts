import type { ContainerExit, ContainerSpec } from "@tutti/containerizer/core";
import type { MasterView } from "@tutti/master/core";
import type { ApiRequest, MarathonDurable, MarathonEntry } from "@tutti/marathon/core";
import type { PublishedEvent } from "@tutti/marathon-v2";
import type { MasterCall, TaskState } from "@tutti/mesos-v1";
import type { MasterEnvelope } from "@tutti/node-v1";
import type { SchedulerNotice } from "@tutti/sdk/core";
import type { NamesObservation } from "./names/observation.ts";

/** Something that happened in a simulated cluster: what checkers judge and narratives are made of. */
export type Observation =
  // Names and virtual IPs, where there are any.
  | NamesObservation

  // Processes and the world.
  | { readonly type: "processStarted"; readonly node: string }
  | { readonly type: "processCrashed"; readonly node: string; readonly cause: string }
  | { readonly type: "processPaused"; readonly node: string }
  | { readonly type: "processResumed"; readonly node: string }
  /** The machine of an agent lost all its containers. */
  | { readonly type: "machineBooted"; readonly node: string }
  | { readonly type: "linksChanged"; readonly what: string }
  /** A fault of a node that has no observation of its own: its disk, its clock, its session … */
  | { readonly type: "nodeTroubled"; readonly node: string; readonly what: string }

  /** A store took a write; `newestEpoch`: of the present leader, infinite when there is none. */
  | {
      readonly type: "storeWritten";
      readonly node: string;
      readonly epoch: number;
      readonly newestEpoch: number;
    }

  // The master.
  | { readonly type: "masterElected"; readonly node: string; readonly epoch: number }
  | { readonly type: "masterAbdicated"; readonly node: string; readonly epoch: number }
  /** After every step; `view` is valid until the next. */
  | { readonly type: "masterStepped"; readonly node: string; readonly view: MasterView }

  // The agents and their machines.
  /** A message of a master reaches the process of an agent, which may obey it or not. */
  | { readonly type: "agentTold"; readonly node: string; readonly envelope: MasterEnvelope }
  | {
      readonly type: "containerStarted";
      readonly node: string;
      readonly taskId: string;
      readonly spec: ContainerSpec;
    }
  /** The runtime says that a container could not be started. */
  | {
      readonly type: "launchFailed";
      readonly node: string;
      readonly containerId: string;
      readonly taskId: string;
      /** It has begun nevertheless. */
      readonly hasBegun: boolean;
    }
  | {
      readonly type: "containerSignalled";
      readonly node: string;
      readonly containerId: string;
      readonly taskId: string;
      readonly signal: number;
    }
  /** `by`: itself, a signal or a `destroy` of the agent, a boot of the machine, or something else on it. */
  | {
      readonly type: "containerEnded";
      readonly node: string;
      readonly containerId: string;
      readonly taskId: string;
      readonly exit: ContainerExit;
      readonly by: "itself" | "signal" | "destroy" | "boot" | "outside";
    }
  | {
      readonly type: "containerDestroyed";
      readonly node: string;
      readonly containerId: string;
      readonly taskId: string;
    }
  | {
      readonly type: "checkAnswered";
      readonly node: string;
      readonly containerId: string;
      readonly taskId: string;
      readonly healthy: boolean;
    }
  /** An acknowledgement reaches an agent: from now on it may forget the update of this state. */
  | {
      readonly type: "updateAcknowledged";
      readonly node: string;
      readonly taskId: string;
      readonly state: TaskState;
    }

  // Marathon.
  /** A new life begins from these records. */
  | { readonly type: "marathonRecovers"; readonly records: MarathonDurable["records"] }
  /** After every step: what it decided, before it is durable. */
  | { readonly type: "marathonStepped"; readonly entries: readonly MarathonEntry[] }
  /** A command of the user has reached the process. */
  | { readonly type: "commandArrived"; readonly request: ApiRequest }
  | { readonly type: "marathonConnected"; readonly master: string; readonly isNew: boolean }
  | { readonly type: "marathonDisconnected"; readonly reason: string }
  /** The master refused a call, or has removed the framework. */
  | {
      readonly type: "marathonRefused";
      readonly notice: Extract<SchedulerNotice, { readonly type: "callRefused" | "removed" }>;
    }
  /** A status update has come to the scheduler. */
  | { readonly type: "updateArrived"; readonly taskId: string; readonly state: TaskState }
  | { readonly type: "eventPublished"; readonly event: PublishedEvent }

  // The user.
  | { readonly type: "userAsked"; readonly number: number; readonly request: ApiRequest }
  | { readonly type: "userAnswered"; readonly number: number; readonly answer: UserAnswer }

  // The operator, who asks a master.
  | { readonly type: "operatorAsked"; readonly node: string; readonly call: MasterCall }
  | { readonly type: "operatorAnswered"; readonly node: string; readonly answer: UserAnswer };

/** How a request of the user ended for him. */
export type UserAnswer =
  | { readonly type: "answered"; readonly status: number; readonly body: unknown }
  /** Nobody knows whether it was carried out. */
  | { readonly type: "failed"; readonly code: string };

/** Sees every observation, in the order of events. Throws when it sees what must not be. */
export type Observer = (observation: Observation, atMs: number) => void;
