/** Does something for each item, at most so many at the same time, in their order. */
export async function eachInFlight<T>(
  items: readonly T[],
  inFlightMax: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next]; next < items.length; item = items[next]) {
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlightMax, items.length) }, lane));
}
