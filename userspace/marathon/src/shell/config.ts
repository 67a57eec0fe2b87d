import type { Clock, Random } from "@tutti/ports";

/** What Marathon's process is told. */
export interface MarathonConfig {
  /** The address to listen on, and by which agents and users reach Marathon. */
  readonly ip: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Other names under which this server may be asked, e.g. `marathon.mesos`. */
  readonly hostNames?: readonly string[];
  /** What Marathon calls its machine; default: `ip`. */
  readonly hostname?: string;
  /** URLs of the masters, e.g. `http://10.213.0.10:5050`. */
  readonly masters: readonly string[];
  /** The cluster's secret: needed to change anything here, and sent to the master. */
  readonly secret: string;
  /** Anybody may change anything. */
  readonly open: boolean;
  /** Existing folder for Marathon's own database. */
  readonly stateDir: string;
  /** Default `marathon`. */
  readonly frameworkName?: string;
  /** The user tasks run as whose app names none; default `nobody`. */
  readonly user?: string;
  /** Default `*` and `slave_public`, as DC/OS subscribes. */
  readonly roles?: readonly string[];
  /** This release, for `/v2/info`; default `0.1.0`. */
  readonly release?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** One line per thing worth knowing; default: standard error. */
  readonly log?: (line: string) => void;
  /** A bug or a lost disk: the process must end. Default: throws where nobody catches. */
  readonly onFatal?: (error: Error) => void;
}

/** Marathon at work. */
export interface RunningMarathon {
  readonly url: string;
  /** Ends it; tasks go on running. */
  stop(): Promise<void>;
}
