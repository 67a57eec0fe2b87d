import { amountOf } from "./explain-amounts.ts";
import type { AppFacts, QuotaHold } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { namesOf, numberOf } from "./words.ts";

type Limit = Extract<QuotaHold, { readonly type: "limit" }>;
type Promised = Extract<QuotaHold, { readonly type: "promise" }>;

/** Limits of roles that leave too little for one more instance. Rule WHY15. */
export function explainLimits(facts: AppFacts): readonly Finding[] {
  return (facts.quota ?? []).flatMap((hold) =>
    hold.type === "limit" ? [explainLimit(facts, hold)] : [],
  );
}

/** What is held for roles that were promised it. Rule WHY16. */
export function explainPromises(facts: AppFacts): readonly Finding[] {
  return (facts.quota ?? []).flatMap((hold) =>
    hold.type === "promise" ? [explainPromise(facts, hold)] : [],
  );
}

function explainLimit({ needs }: AppFacts, { role, of, name, limit, used }: Limit): Finding {
  const whose = role === of ? `The role ${role}` : `The role ${role} with all below it, as ${of},`;
  const need = numberOf(needs[name]);
  if (needs[name] > limit) {
    return {
      reason: "QUOTA_LIMIT",
      detail: `${whose} may use ${amountOf(name, limit)} at most: one instance needs ${need}.`,
      advice: `Raise the limit of the role ${role} (UPDATE_QUOTA), or lower ${name}.`,
    };
  }
  return {
    reason: "QUOTA_LIMIT",
    detail: `${whose} may use ${amountOf(name, limit)} and uses ${numberOf(used)}: one more instance needs ${need}.`,
    advice: `Raise the limit of the role ${role} (UPDATE_QUOTA), or end something of the role.`,
  };
}

function explainPromise(
  { needs }: AppFacts,
  { roles, name, held, free, within }: Promised,
): Finding {
  const names = namesOf(roles);
  const isOne = roles.length === 1;
  const where = within === undefined ? "that are free" : `that the role ${within} may still use`;
  const share =
    held >= free
      ? `All of the ${amountOf(name, free)} ${where} are`
      : `Of the ${amountOf(name, free)} ${where} ${numberOf(held)} are`;
  const guarantee = `Lower the ${isOne ? "guarantee" : "guarantees"} of ${names}`;
  return {
    reason: "QUOTA_PROMISED",
    detail: `${share} held for ${isOne ? "the role" : "the roles"} ${names}, which ${isOne ? "was" : "were"} promised them: one more instance needs ${numberOf(needs[name])}.`,
    advice:
      within === undefined
        ? `${guarantee} (UPDATE_QUOTA), or add a machine.`
        : `${guarantee}, or raise the limit of ${within} (UPDATE_QUOTA).`,
  };
}
