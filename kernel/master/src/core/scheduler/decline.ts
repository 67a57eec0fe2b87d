import { parseOfferId } from "@tutti/ids";
import type { SchedulerCallDecline } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { refuseMsOf } from "../offers/refuse-ms.ts";
import { declineOffer } from "../offers/remove-offer.ts";
import type { Turn } from "../turn.ts";

/** DECLINE: offers go back and are kept from this framework for a while; unknown ones are ignored. */
export function declineOffers(
  turn: Turn,
  framework: Framework,
  decline: SchedulerCallDecline,
): void {
  turn.state.metrics.count("messages_decline_offers");
  const refuseMs = refuseMsOf(decline.filters);
  for (const { value } of decline.offer_ids ?? []) {
    const id = parseOfferId(value);
    const offer = id.ok ? turn.state.offers.get(id.value) : undefined;
    if (offer?.frameworkId !== framework.id) continue;
    turn.state.metrics.countOf(framework.id, "offers/declined");
    declineOffer(turn, offer, refuseMs);
  }
}
