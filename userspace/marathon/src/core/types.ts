import type { AppInfo, AppInput, MarathonRefusal, PublishedEvent, Task } from "@tutti/marathon-v2";
import type { SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";
import type { Principal } from "./principal.ts";

/** What Marathon is made with. */
export interface MarathonOptions {
  /** Roles the framework is subscribed with, `*` among them. */
  readonly roles: readonly string[];
  /** Service ports given to apps that ask for port 0. */
  readonly servicePorts: { readonly min: number; readonly max: number };
  /** What names of virtual IPs end with. Default: `marathon`. */
  readonly frameworkName?: string;
}

/** A request that changes something; reads are served from the views. */
export type ApiRequest =
  | {
      readonly type: "createApp";
      readonly input: AppInput;
      readonly force: boolean;
      /** The answer tells what is accepted although its owner may not want it. */
      readonly warnings?: boolean;
    }
  /** `PUT` and `PATCH` of one app: the id of the path wins. `create` allows it to be new. */
  | {
      readonly type: "updateApp";
      readonly id: string;
      readonly input: AppInput;
      /** Fields that are absent keep their values; else they get their defaults. */
      readonly partial: boolean;
      readonly create: boolean;
      readonly force: boolean;
    }
  /** Bulk `PUT` and `PATCH`: one deployment for all. */
  | {
      readonly type: "updateApps";
      readonly inputs: readonly AppInput[];
      readonly partial: boolean;
      readonly create: boolean;
      readonly force: boolean;
    }
  | { readonly type: "deleteApp"; readonly id: string; readonly force: boolean }
  | { readonly type: "restartApp"; readonly id: string; readonly force: boolean }
  /** Kills the tasks of one app, all or those on a host or one. */
  | {
      readonly type: "killAppTasks";
      readonly appId: string;
      readonly host?: string;
      readonly taskId?: string;
      readonly scale: boolean;
      readonly wipe: boolean;
      readonly force: boolean;
    }
  /** Kills tasks by id, of any apps. */
  | {
      readonly type: "killTasks";
      readonly taskIds: readonly string[];
      readonly scale: boolean;
      readonly wipe: boolean;
      readonly force: boolean;
    }
  | { readonly type: "cancelDeployment"; readonly id: string; readonly force: boolean }
  | { readonly type: "resetDelay"; readonly appId: string };

/** The answer to a request, given after everything it claims is durable. */
export type ApiReply =
  | { readonly type: "appCreated"; readonly app: AppInfo; readonly deploymentId: string }
  | {
      readonly type: "deploymentStarted";
      readonly deploymentId: string;
      readonly version: string;
      /** Set when the request created this app. */
      readonly createdApp?: string;
    }
  | { readonly type: "tasksKilled"; readonly tasks: readonly Task[] }
  | { readonly type: "deploymentStopped" }
  | { readonly type: "delayReset" }
  | { readonly type: "refused"; readonly refusal: MarathonRefusal };

/** What Marathon is told. */
export type MarathonEvent =
  | { readonly type: "wake" }
  /** The scheduler client is subscribed; the framework id is durable. */
  | {
      readonly type: "subscribed";
      readonly frameworkId: string;
      readonly masterUrl: string;
      readonly isNew: boolean;
    }
  | { readonly type: "disconnected"; readonly reason: string }
  | { readonly type: "schedulerEvent"; readonly event: SchedulerEvent }
  | {
      readonly type: "apiRequest";
      /** Names the request in its reply; unique among those in flight. */
      readonly requestId: number;
      readonly principal: Principal;
      readonly clientIp: string;
      readonly uri: string;
      readonly request: ApiRequest;
    };

/** A request with who sent it and from where. */
export type RequestEvent = Extract<MarathonEvent, { readonly type: "apiRequest" }>;

/** What Marathon wants done, after the entries of the same step are durable. */
export type MarathonEffect =
  /** A call without `framework_id`: the scheduler client adds it. Lost when there is no stream. */
  | { readonly type: "call"; readonly call: SchedulerCall }
  | { readonly type: "reply"; readonly requestId: number; readonly reply: ApiReply }
  | { readonly type: "publishEvent"; readonly event: PublishedEvent };
