import { formatTimestamp } from "@tutti/base";
import type { NoMatchReason, OfferValue, UnusedOffer } from "@tutti/marathon-v2";
import type { Attribute, Offer, Resource } from "@tutti/mesos-v1";

/** An unused offer as `/v2/queue?embed=lastUnusedOffers` shows it. */
export function shownOffer(offer: Offer, reason: NoMatchReason, wallMs: number): UnusedOffer {
  return {
    offer: {
      id: offer.id.value,
      hostname: offer.hostname,
      agentId: offer.agent_id.value,
      resources: (offer.resources ?? []).map(shownResource),
      attributes: (offer.attributes ?? []).map(shownAttribute),
    },
    reason: [reason],
    timestamp: formatTimestamp(wallMs),
  };
}

function shownResource(resource: Resource): OfferValue {
  const role = (resource.reservations ?? []).at(-1)?.role ?? resource.role ?? "*";
  return { name: resource.name, role, ...shownValue(resource) };
}

function shownAttribute(attribute: Attribute): OfferValue {
  const text = attribute.text?.value;
  return {
    name: attribute.name,
    ...shownValue(attribute),
    ...(text === undefined ? {} : { text }),
  };
}

function shownValue(value: Resource | Attribute): Omit<OfferValue, "name"> {
  return {
    ...(value.scalar === undefined ? {} : { scalar: value.scalar.value }),
    ...(value.ranges === undefined
      ? {}
      : {
          ranges: (value.ranges.range ?? []).map(({ begin, end }) => ({
            begin: Number(begin),
            end: Number(end),
          })),
        }),
    ...(value.set === undefined ? {} : { set: value.set.item ?? [] }),
  };
}
