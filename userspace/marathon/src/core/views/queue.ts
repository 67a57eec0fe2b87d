import { formatTimestamp } from "@tutti/base";
import { formatExplanation, noMatchReasons } from "@tutti/marathon-v2";
import type { DeclinedOfferStep, NoMatchReason, QueueItem } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import type { World } from "../world.ts";
import { verdictsOf } from "./app-facts.ts";
import type { Now } from "./now.ts";
import { explainWait } from "./why.ts";

/** What is added to each item, by the `embed` parameter. */
export interface QueueEmbed {
  readonly lastUnusedOffers: boolean;
  readonly verdicts: boolean;
}

/** Apps that want to launch something, and why they have not. */
export function launchQueue(world: World, now: Now, embed: QueueEmbed): readonly QueueItem[] {
  return [...world.apps.values()]
    .filter(({ launch }) => launch.wanted > 0)
    .map((app) => toItem(world, now, app, embed));
}

function toItem(world: World, now: Now, app: AppState, embed: QueueEmbed): QueueItem {
  const { launch } = app;
  const explanation = explainWait(world, now, app);
  const leftMs = Math.max(0, launch.notBeforeMonoMs - now.monoMs);
  return {
    app: app.applied,
    count: launch.wanted,
    role: app.offerRoles()[0] ?? "*",
    delay: { timeLeftSeconds: Math.ceil(leftMs / 1000), overdue: leftMs === 0 },
    since: formatTimestamp(launch.sinceMs),
    processedOffersSummary: {
      processedOffersCount: launch.processedOffers,
      unusedOffersCount: launch.unusedOffers,
      ...at("lastUnusedOfferAt", launch.lastUnusedAtMs),
      ...at("lastUsedOfferAt", launch.lastUsedAtMs),
      rejectSummaryLastOffers: funnel(lastReasons(app), launch.verdicts.size),
      rejectSummaryLaunchAttempt: funnel(launch.declined, launch.processedOffers),
    },
    ...(embed.lastUnusedOffers ? { lastUnusedOffers: [...launch.lastUnusedOffers] } : {}),
    ...(embed.verdicts ? { verdicts: verdictsOf(world, app) } : {}),
    failures: launch.failures,
    explanation,
    why: formatExplanation(explanation),
  };
}

/** How many agents' last offers ended at each reason. */
function lastReasons(app: AppState): ReadonlyMap<NoMatchReason, number> {
  const counts = new Map<NoMatchReason, number>();
  for (const { reason } of app.launch.verdicts.values()) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}

/** Each stage gets what the stage before let through. */
function funnel(
  declined: ReadonlyMap<NoMatchReason, number>,
  processed: number,
): readonly DeclinedOfferStep[] {
  let left = processed;
  return noMatchReasons.map((reason) => {
    const ended = declined.get(reason) ?? 0;
    const step = { reason, declined: ended, processed: left };
    left -= ended;
    return step;
  });
}

function at<K extends string>(key: K, ms: number | undefined): { readonly [P in K]?: string } {
  const part: { [P in K]?: string } = {};
  if (ms !== undefined) part[key] = formatTimestamp(ms);
  return part;
}
