import type { Resource } from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";

/** Whether these messages are just what `resources` would be said as: then they need not be kept beside it. */
export function isSaidBy(resources: Resources, said: readonly Resource[]): boolean {
  const messages = resources.toMessages();
  return (
    messages.length === said.length &&
    said.every((resource, index) => {
      const message = messages[index];
      return message !== undefined && isSame(resource, message);
    })
  );
}

/** Whether both say the same of a plain resource; of any other it is not worth finding out. */
function isSame(said: Resource, message: Resource): boolean {
  const { name, type, scalar, ranges, allocation_info: allocation, ...rest } = said;
  return (
    Object.keys(rest).length === 0 &&
    name === message.name &&
    type === message.type &&
    scalar?.value === message.scalar?.value &&
    isSameRanges(ranges?.range, message.ranges?.range) &&
    allocation?.role === message.allocation_info?.role
  );
}

type Range = NonNullable<NonNullable<Resource["ranges"]>["range"]>[number];

function isSameRanges(
  said: readonly Range[] | undefined,
  kept: readonly Range[] | undefined,
): boolean {
  if (said === undefined || kept === undefined) return said === kept;
  return (
    said.length === kept.length &&
    said.every(({ begin, end }, index) => begin === kept[index]?.begin && end === kept[index].end)
  );
}
