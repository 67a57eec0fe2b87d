import type { RoleQuota } from "@tutti/allocator";
import { compareText } from "@tutti/base";
import type { FrameworkId } from "@tutti/ids";
import { type Quantities, Resources } from "@tutti/resources";
import { noQuota } from "../operator/quota-record.ts";
import type { MasterView } from "../view.ts";
import { offeredTo, usedBy } from "./framework-view.ts";
import { countedQuantities } from "./quota.ts";

/** What can be said of one role. */
export interface RoleSummary {
  readonly name: string;
  readonly weight: number;
  readonly frameworkIds: readonly FrameworkId[];
  /** Of it and all roles below it, as is what follows. */
  readonly used: Resources;
  readonly offered: Resources;
  /** Reserved on all agents, used or not. */
  readonly reserved: Resources;
  readonly quota: RoleQuota;
  /** What counts against the limits of its quota; offers do not. */
  readonly consumed: Quantities;
}

interface Draft {
  readonly frameworkIds: FrameworkId[];
  readonly used: Resources[];
  readonly offered: Resources[];
  readonly reserved: Resources[];
}

/** Every role that has a framework, a weight, quota, or a reservation, and all above them, by name. Rule MST78. */
export function roleSummaries(view: MasterView): RoleSummary[] {
  const drafts = new Map<string, Draft>();
  /** Those of the role and of all above it. */
  const draftsOf = (name: string): readonly Draft[] => pathsTo(name).map(draftOf);
  const draftOf = (name: string): Draft => {
    const known = drafts.get(name);
    if (known !== undefined) return known;
    const draft: Draft = { frameworkIds: [], used: [], offered: [], reserved: [] };
    drafts.set(name, draft);
    return draft;
  };
  for (const role of [...view.weights.keys(), ...view.quotas.keys()]) draftsOf(role);
  for (const framework of view.frameworks.values()) {
    for (const role of framework.roles) draftsOf(role).at(-1)?.frameworkIds.push(framework.id);
    for (const [role, part] of usedBy(view, framework).byAllocation()) {
      for (const draft of draftsOf(role)) draft.used.push(part);
    }
    for (const [role, part] of offeredTo(view, framework).byAllocation()) {
      for (const draft of draftsOf(role)) draft.offered.push(part);
    }
  }
  for (const agent of view.agents.values()) {
    for (const [role, part] of agent.total.byReservation()) {
      for (const draft of draftsOf(role)) draft.reserved.push(part);
    }
  }
  const weights = new Map<string, number>(view.weights);
  const quotas = new Map<string, RoleQuota>(view.quotas);
  return [...drafts]
    .sort(([left], [right]) => compareText(left, right))
    .map(([name, draft]) => {
      const used = Resources.sum(draft.used);
      const reserved = Resources.sum(draft.reserved);
      return {
        name,
        weight: weights.get(name) ?? 1,
        frameworkIds: draft.frameworkIds,
        used,
        offered: Resources.sum(draft.offered),
        reserved,
        quota: quotas.get(name) ?? noQuota,
        consumed: reserved.quantities().add(countedQuantities(used)),
      };
    });
}

/** `a`, `a/b`, `a/b/c` for the last of them. */
function pathsTo(role: string): readonly string[] {
  const parts = role.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
