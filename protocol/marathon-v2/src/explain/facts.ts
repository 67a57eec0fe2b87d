import type { AppConstraint } from "../app.ts";
import type { DeploymentActionName } from "../deployment.ts";

/** Resources of a machine or of an instance: cpus, gpus, and MB of memory and disk. */
export interface Amounts {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** Port numbers, both ends included. */
export interface PortRange {
  readonly begin: number;
  readonly end: number;
}

/** What an operator has made of a machine. */
export type OutOfUse = "draining" | "drained" | "deactivated";

/** Why one machine cannot take one more instance. */
export type Lack =
  /**
   * What it has is kept for a role that the app does not accept. `constraint`: one of the app's that rules the machine
   * out as well, as far as that can be told without an offer. `isAllowed`: none does, and nothing is left to be told by
   * one.
   */
  | {
      readonly type: "role";
      readonly keptFor: string;
      readonly constraint?: AppConstraint;
      readonly isAllowed?: true;
      /** What an operator has made of it besides. */
      readonly cause?: OutOfUse;
    }
  /** `value`: what the machine has in the constraint's field; absent: it has no such field. */
  | { readonly type: "constraint"; readonly constraint: AppConstraint; readonly value?: string }
  /** `cause`: what an operator has said of it; absent: it is in maintenance. */
  | { readonly type: "maintenance"; readonly cause?: OutOfUse }
  /** Some of its amounts are too small; they are in `free`. */
  | { readonly type: "amounts" }
  /** It has fewer free ports than are needed. */
  | { readonly type: "ports"; readonly free: number }
  /** Ports that must be these and that the machine never offers; `offered`: those that it does, ascending. */
  | {
      readonly type: "unofferedPorts";
      readonly ports: readonly number[];
      readonly offered: readonly PortRange[];
    }
  /** Ports that must be these and are not free; `holder`: who has them. */
  | {
      readonly type: "takenPorts";
      readonly ports: readonly { readonly port: number; readonly holder?: string }[];
    };

/** How a machine fared for one more instance, as `/v2/queue?embed=verdicts` tells it. */
export interface MachineVerdict {
  readonly agentId: string;
  readonly host: string;
  /** Absent: there was room. */
  readonly lack?: Lack;
  /** What the app could have had of it. */
  readonly free?: Amounts;
}

/** What quota keeps from one more instance. */
export type QuotaHold =
  /** `role`, which is `of` or above it, may use no more than `limit`, and it and all below it use `used`. */
  | {
      readonly type: "limit";
      readonly role: string;
      /** The role in which the app is offered something. */
      readonly of: string;
      readonly name: keyof Amounts;
      readonly limit: number;
      readonly used: number;
    }
  /** Of what is `free`, `held` is for other roles, whose guarantees are not used yet. */
  | {
      readonly type: "promise";
      readonly roles: readonly string[];
      readonly name: keyof Amounts;
      readonly held: number;
      readonly free: number;
      /** The role of whose limit `free` is the rest; absent: of the cluster. */
      readonly within?: string;
    };

/** A machine, as far as the placement of an app is concerned. */
export interface MachineFacts {
  readonly name: string;
  /** It should be there and is not. */
  readonly isAway?: boolean;
  /** It is away, and the master, which has begun anew, waits for it to come back. */
  readonly isExpected?: boolean;
  /** Absent: one more instance fits. */
  readonly lack?: Lack;
  /** One more instance fits into what is reserved there for its roles: no quota keeps it from that. */
  readonly isReserved?: boolean;
  /** What is free of it; absent: not known. */
  readonly free?: Amounts;
  /** What it has when nothing runs on it; absent: not known. */
  readonly total?: Amounts;
  /** Of a machine that a role rules out: the ports it would have, ascending; absent: not known. */
  readonly offered?: readonly PortRange[];
}

/** The instances of an app, counted; each counts once. */
export interface InstanceCounts {
  /** Running, and healthy where there is a health check. */
  readonly ready: number;
  /** Running, but not (yet) healthy. */
  readonly notReady: number;
  readonly starting: number;
  readonly stopping: number;
  /** On machines that cannot be reached, and not replaced. */
  readonly unreachable: number;
  /** On machines that cannot be reached, and replaced. */
  readonly replaced: number;
}

/** An instance that runs and is not healthy. */
export interface SickFacts {
  readonly host: string;
  readonly taskId: string;
  /** Failures in a row; 0: the check has not answered yet. */
  readonly failures: number;
  readonly cause?: string;
}

/** An instance that was launched and does not run yet. */
export interface StartingFacts {
  readonly host: string;
  /** When it was launched. */
  readonly sinceMs: number;
}

/** An instance whose machine cannot be reached. */
export interface UnreachableFacts {
  readonly host: string;
  readonly sinceMs?: number;
}

/** Everything an explanation is made of. Times are wall-clock milliseconds. */
export interface AppFacts {
  readonly id: string;
  readonly nowMs: number;
  /** How many instances there are to be. */
  readonly wanted: number;
  /** The app was deleted and its instances are being stopped. */
  readonly isRemoved?: boolean;
  readonly counts: InstanceCounts;
  /** Of those that run: launched with a definition that is not the present one. */
  readonly outdated: number;
  /** When the youngest of those that are ready was started. */
  readonly readySinceMs?: number;
  /** What each instance needs. */
  readonly needs: Amounts & { readonly ports: number };
  /** Roles whose resources it may use. */
  readonly roles: readonly string[];
  /** Why Marathon has no connection to a master; absent: it has one. */
  readonly noConnection?: string;
  /** The deployment that holds the app. */
  readonly deployment?: {
    /** What the present step does to the app; absent: its turn is not now. */
    readonly action?: DeploymentActionName;
    /** From 1. */
    readonly step: number;
    readonly steps: number;
    /** What the present step changes. */
    readonly apps: readonly string[];
  };
  /** Instances that wait for a machine. */
  readonly toLaunch: number;
  /** How long they have been waiting; absent: not known. */
  readonly waitingMs?: number;
  /** Instances ended too soon: the next launch comes in so long. */
  readonly backoff?: { readonly failures?: number; readonly leftMs: number };
  readonly lastFailure?: {
    readonly state: string;
    readonly message: string;
    readonly host: string;
    readonly taskId: string;
    readonly atMs: number;
  };
  /** The health check in words, see `describeCheck`; absent: there is none. */
  readonly check?: { readonly text: string; readonly failuresMax: number };
  /** Some of those that are not healthy. */
  readonly sick: readonly SickFacts[];
  /** Some of those that are starting; absent: not known. */
  readonly startingSince?: readonly StartingFacts[];
  /** Some of those that cannot be reached and are not replaced. */
  readonly unreachable: readonly UnreachableFacts[];
  /** When an instance that cannot be reached is replaced; absent: never. */
  readonly replacedAfterSeconds?: number;
  /** What is wrong with the names and virtual IPs of its definition, a sentence each. */
  readonly warnings?: readonly string[];
  /** `master`: every machine there is. `offers`: only those that Marathon was offered something of. */
  readonly machinesFrom: "master" | "offers";
  readonly machines: readonly MachineFacts[];
  /** What quota keeps from one more instance; empty: nothing; absent: not known. */
  readonly quota?: readonly QuotaHold[];
}
