/**
 * The part of the platform's `AbortSignal` that pure rooms may know: every `AbortSignal` is one.
 */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(
    type: "abort",
    listener: () => void,
    options?: { readonly once?: boolean },
  ): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** A cancellation and the function that triggers it. */
export interface CancellationSource {
  readonly cancellation: Cancellation;
  /** Sets `aborted`, then calls the listeners once each, in the order they were added. Idempotent. */
  cancel(): void;
}

/** Makes a cancellation that is nothing but a value: for pure rooms and simulations. */
export function createCancellation(): CancellationSource {
  const listeners = new Set<() => void>();
  let aborted = false;
  const cancellation: Cancellation = {
    get aborted() {
      return aborted;
    },
    addEventListener(_type, listener) {
      if (!aborted) listeners.add(listener);
    },
    removeEventListener(_type, listener) {
      listeners.delete(listener);
    },
  };
  return {
    cancellation,
    cancel() {
      if (aborted) return;
      aborted = true;
      for (const listener of listeners) listener();
      listeners.clear();
    },
  };
}
