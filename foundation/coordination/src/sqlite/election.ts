import { createCancellation, Fault } from "@tutti/base";
import type { Cancellation } from "@tutti/base";
import type { Leadership } from "../core/coordination.ts";
import { ElectionLock } from "./election-lock.ts";
import { toStoreFault } from "./faults.ts";
import type { GroupCommit } from "./group-commit.ts";
import { limits } from "./limits.ts";
import type { Store } from "./store.ts";

/** What a candidate needs. */
interface Candidacy {
  readonly name: string;
  readonly announcement: Uint8Array;
  readonly lockFile: string;
  readonly store: Store;
  readonly commits: GroupCommit;
}

/** Waits for the lock of an election, makes a new epoch durable, and leads. */
export async function elect(candidacy: Candidacy, signal: Cancellation): Promise<Leadership> {
  const lock = new ElectionLock(candidacy.lockFile);
  await takeLock(lock, signal);
  try {
    const epoch = await raiseEpoch(candidacy, candidacy.announcement);
    if (signal.aborted) throw abortedFault();
    return lead(candidacy, lock, epoch);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function takeLock(lock: ElectionLock, signal: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      end();
    };
    const abort = (): void => finish(() => reject(abortedFault()));
    const attempt = (): void => {
      try {
        if (lock.tryTake()) finish(resolve);
        else timer = setTimeout(attempt, limits.electionPollMs);
      } catch (error) {
        finish(() => reject(toStoreFault(error)));
      }
    };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else attempt();
  });
}

/** Moves the election to its next epoch: every older one is fenced from then on. */
function raiseEpoch(candidacy: Candidacy, announcement: Uint8Array): Promise<number> {
  const { name, store, commits } = candidacy;
  return commits.submit(() => {
    const epoch = (store.election(name)?.epoch ?? 0) + 1;
    store.setElection(name, { epoch, announcement });
    return { value: epoch, paths: [], changed: true };
  });
}

function lead(candidacy: Candidacy, lock: ElectionLock, epoch: number): Leadership {
  const loss = createCancellation();
  let resigning: Promise<void> | undefined;
  const resign = async (): Promise<void> => {
    loss.cancel();
    try {
      // An epoch that nobody leads: writes that still carry ours are fenced.
      await raiseEpoch(candidacy, new Uint8Array(0));
    } finally {
      lock.release();
    }
  };
  return { epoch, lost: loss.cancellation, resign: () => (resigning ??= resign()) };
}

function abortedFault(): Fault {
  return new Fault("ABORTED", "The candidacy was withdrawn.", { retryable: false });
}
