import type { Fact, HeldWithdrawal, TableVersion, VipFact } from "@tutti/discovery-v1";
import type { SimulatedKernel } from "./simulated-kernel.ts";

/** Something that happened to names and virtual IPs. What it shows is valid until the next observation. */
export type NamesObservation =
  /** Discovery has a new version of the table, which nobody holds yet. */
  | {
      readonly type: "tablePublished";
      readonly node: string;
      readonly version: TableVersion;
      readonly before: ReadonlyMap<string, Fact>;
      readonly after: ReadonlyMap<string, Fact>;
    }
  /** Discovery holds back a loss, or does so no longer. */
  | { readonly type: "lossHeld"; readonly node: string; readonly held: HeldWithdrawal | undefined }
  /** A machine has taken a version over. */
  | {
      readonly type: "tableTaken";
      readonly node: string;
      readonly version: TableVersion;
      readonly facts: ReadonlyMap<string, Fact>;
    }
  /** A machine says that its kernel holds a version. */
  | {
      readonly type: "tableHeld";
      readonly node: string;
      readonly version: TableVersion;
      readonly kernel: SimulatedKernel;
    }
  /** A machine answers with the names of these VIPs from now on. */
  | {
      readonly type: "vipsNamed";
      readonly node: string;
      readonly vips: readonly VipFact[];
      readonly kernel: SimulatedKernel;
    }
  /** The load balancer of a machine says something. */
  | { readonly type: "vipsReported"; readonly node: string; readonly line: string };
