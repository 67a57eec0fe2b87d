import { systemClock } from "@tutti/ports/node";

/** As often as the tables of virtual IPs are compared. */
const watchMs = 15_000;

/** Runs `look` again and again, one at a time; answers how to end that. What it throws is looked at the next time. */
export function watchKernel(look: () => Promise<void>, everyMs = watchMs): () => Promise<void> {
  let isClosed = false;
  let cancel: (() => void) | undefined;
  let looking: Promise<void> = Promise.resolve();
  const later = (): void => {
    if (isClosed) return;
    cancel = systemClock.after(everyMs, () => {
      looking = look()
        .catch(() => undefined)
        .finally(later);
    });
  };
  later();
  return async () => {
    isClosed = true;
    cancel?.();
    await looking;
  };
}
