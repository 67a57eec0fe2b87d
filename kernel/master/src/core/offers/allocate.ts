import type { Allocation } from "@tutti/allocator";
import { present } from "@tutti/base";
import { known, parseOfferId } from "@tutti/ids";
import type { Offer } from "@tutti/mesos-v1";
import { addOfferedOf, addOfferedTo } from "../charge.ts";
import type { Agent, Framework, OpenOffer } from "../entities.ts";
import { sendToFramework } from "../send.ts";
import type { Turn } from "../turn.ts";
import { resourcesForFramework } from "./wire-resources.ts";

/** Runs the allocator once and sends what it gives away, one OFFERS event per framework. Rule MST40. */
export function allocateOffers(turn: Turn): void {
  countRun(turn);
  const byFramework = new Map<string, OpenOffer[]>();
  for (const allocation of turn.allocator.allocate(turn.env.monoMs)) {
    const offer = openOffer(turn, allocation);
    const offers = byFramework.get(offer.frameworkId);
    if (offers === undefined) byFramework.set(offer.frameworkId, [offer]);
    else offers.push(offer);
  }
  for (const offers of byFramework.values()) sendOffers(turn, offers);
}

function countRun({ state, env, config }: Turn): void {
  const { deadlines, metrics } = state;
  // An allocation for a filter that has ended was wanted now.
  const dueMs = deadlines.allocationMonoMs ?? env.monoMs + config.allocationIntervalMs;
  deadlines.allocationMonoMs = undefined;
  metrics.allocationRuns += 1;
  metrics.allocationLatency.add(env.monoMs - (dueMs - config.allocationIntervalMs));
}

function openOffer(turn: Turn, allocation: Allocation): OpenOffer {
  const { state, config } = turn;
  const agent = present(state.agents.get(allocation.agentId), "the agent of an allocation");
  const framework = present(state.frameworks.get(allocation.frameworkId), "its framework");
  const id = known(parseOfferId(`${config.masterId}-O${state.nextOfferNumber}`));
  state.nextOfferNumber += 1;
  const offer: OpenOffer = {
    id,
    frameworkId: framework.id,
    agentId: agent.id,
    role: allocation.role,
    resources: allocation.resources,
    offer: wireOffer(id, agent, framework, allocation),
  };
  state.putOffer(offer);
  addOfferedOf(turn, agent, offer.resources);
  if (config.offerTimeoutMs !== undefined) {
    state.deadlines.offers.set(id, turn.env.monoMs + config.offerTimeoutMs);
  }
  return offer;
}

function wireOffer(id: string, agent: Agent, framework: Framework, allocation: Allocation): Offer {
  const { info } = agent.record;
  const address = { hostname: info.hostname, ip: info.hostname, port: info.port ?? 5051 };
  return {
    id: { value: id },
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    hostname: info.hostname,
    url: { scheme: "http", address, path: "/slave(1)" },
    ...(info.domain === undefined ? {} : { domain: info.domain }),
    resources: resourcesForFramework(framework, allocation.resources),
    ...(info.attributes === undefined ? {} : { attributes: info.attributes }),
    ...(framework.capabilities.has("MULTI_ROLE")
      ? { allocation_info: { role: allocation.role } }
      : {}),
  };
}

function sendOffers(turn: Turn, offers: readonly OpenOffer[]): void {
  const frameworkId = present(offers[0], "an offer of a batch").frameworkId;
  const framework = present(turn.state.frameworks.get(frameworkId), "the framework of offers");
  addOfferedTo(
    turn,
    frameworkId,
    offers.map((open) => open.resources),
  );
  turn.state.metrics.countOf(frameworkId, "offers/sent", offers.length);
  sendToFramework(turn, framework, {
    type: "OFFERS",
    offers: { offers: offers.map((open) => open.offer) },
  });
}
