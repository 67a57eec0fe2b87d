/**
 * Runs `work` while the real clock and real chance throw: whoever asks for them in a simulation would
 * make it unrepeatable. Synchronous, and put back in any case.
 */
export function withoutClock<T>(work: () => T): T {
  const realDate = globalThis.Date;
  const realRandom = Math.random;
  const forbidden = (what: string) => () => {
    throw new Error(`${what} was asked for during a simulation`);
  };
  const ban = forbidden("the real time");
  globalThis.Date = new Proxy(realDate, { construct: ban, apply: ban, get: ban });
  Math.random = forbidden("real chance");
  try {
    return work();
  } finally {
    globalThis.Date = realDate;
    Math.random = realRandom;
  }
}
