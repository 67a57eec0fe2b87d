import { compareText } from "@tutti/base";
import type { FrameworkId } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import type { MasterView } from "../view.ts";
import { offeredTo, usedBy } from "./framework-view.ts";

/** What can be said of one role. */
export interface RoleSummary {
  readonly name: string;
  readonly weight: number;
  readonly frameworkIds: readonly FrameworkId[];
  readonly used: Resources;
  readonly offered: Resources;
  /** Reserved to it on all agents, used or not. */
  readonly reserved: Resources;
}

interface Draft {
  readonly frameworkIds: FrameworkId[];
  readonly used: Resources[];
  readonly offered: Resources[];
  readonly reserved: Resources[];
}

/** Every role that has a framework, a weight other than 1, or a reservation, by name. */
export function roleSummaries(view: MasterView): RoleSummary[] {
  const drafts = new Map<string, Draft>();
  const draftOf = (name: string): Draft => {
    const known = drafts.get(name);
    if (known !== undefined) return known;
    const draft: Draft = { frameworkIds: [], used: [], offered: [], reserved: [] };
    drafts.set(name, draft);
    return draft;
  };
  for (const role of view.weights.keys()) draftOf(role);
  for (const framework of view.frameworks.values()) {
    for (const role of framework.roles) draftOf(role).frameworkIds.push(framework.id);
    for (const [role, part] of usedBy(view, framework).byAllocation())
      draftOf(role).used.push(part);
    for (const [role, part] of offeredTo(view, framework).byAllocation()) {
      draftOf(role).offered.push(part);
    }
  }
  for (const agent of view.agents.values()) {
    for (const [role, part] of agent.total.byReservation()) draftOf(role).reserved.push(part);
  }
  const weights = new Map<string, number>(view.weights);
  return [...drafts]
    .sort(([left], [right]) => compareText(left, right))
    .map(([name, draft]) => ({
      name,
      weight: weights.get(name) ?? 1,
      frameworkIds: draft.frameworkIds,
      used: Resources.sum(draft.used),
      offered: Resources.sum(draft.offered),
      reserved: Resources.sum(draft.reserved),
    }));
}
