import type { Cluster, ClusterOptions } from "@tutti/simulator";
import { modelOfDecisions, modelOfStore } from "../record-model.ts";
import { Truth } from "../truth.ts";
import { watchAcknowledgements } from "./acknowledgements.ts";
import type { Watched } from "./checker.ts";
import { watchContainers } from "./containers.ts";
import { watchDrains } from "./drains.ts";
import { watchEpochs } from "./epochs.ts";
import { watchKills } from "./kills.ts";
import { watchKnowledge } from "./knowledge.ts";
import { watchQuota } from "./quota.ts";
import { watchResources } from "./resources.ts";
import { watchStrategy } from "./strategy.ts";

/** A cluster under the eyes of all checkers, and the one that judges when everything has settled (SIM15). */
export interface WatchedCluster {
  readonly watched: Watched;
  readonly demandKnown: () => void;
}

/** Puts every checker that judges events in front of a cluster that has not started yet. */
export function watchCluster(cluster: Cluster, options: ClusterOptions): WatchedCluster {
  const durable = modelOfStore(cluster.marathonStore);
  const decided = modelOfDecisions(cluster);
  const watched = { cluster, durable, decided, truth: new Truth(cluster) };
  watchContainers(watched, options);
  watchResources(watched);
  watchQuota(watched);
  watchDrains(watched);
  watchStrategy(watched);
  watchKills(watched);
  watchEpochs(watched);
  watchAcknowledgements(watched);
  return { watched, demandKnown: watchKnowledge(watched) };
}
