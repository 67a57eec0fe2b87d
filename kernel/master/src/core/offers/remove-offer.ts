import { subtractCharge } from "../charge.ts";
import type { OpenOffer } from "../entities.ts";
import { sendToFramework } from "../send.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";

/** Takes an offer back out of the books without giving its resources to the allocator: they are being used. */
export function takeOffer(turn: Turn, offer: OpenOffer): void {
  turn.state.takeOffer(offer);
  subtractCharge(turn, "offered", offer, offer.resources);
}

/** Takes an offer back and frees its resources; the framework already knows, or is gone. */
export function withdrawOffer(turn: Turn, offer: OpenOffer): void {
  takeOffer(turn, offer);
  turn.allocator.recoverResources(offer.frameworkId, offer.agentId, offer.resources, undefined);
  requestAllocation(turn);
}

/** Takes an offer back, frees its resources and tells the framework. */
export function rescindOffer(turn: Turn, offer: OpenOffer): void {
  withdrawOffer(turn, offer);
  const framework = turn.state.frameworks.get(offer.frameworkId);
  if (framework === undefined) return;
  turn.state.metrics.countOf(framework.id, "offers/rescinded");
  sendToFramework(turn, framework, { type: "RESCIND", rescind: { offer_id: { value: offer.id } } });
}

/** Takes an offer back as its framework asked: its resources are kept from it for `refuseSeconds`. */
export function declineOffer(turn: Turn, offer: OpenOffer, refuseMs: number): void {
  takeOffer(turn, offer);
  const refusal = { refuseMs, monoMs: turn.env.monoMs };
  turn.allocator.recoverResources(offer.frameworkId, offer.agentId, offer.resources, refusal);
  requestAllocation(turn);
}
