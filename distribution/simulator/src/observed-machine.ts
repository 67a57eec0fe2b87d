import type { Env, Machine, Ready } from "@tutti/machine";

/** `machine`, looked at after each of its steps. */
export function observedMachine<Event, Entry, Effect, Durable>(
  machine: Machine<Event, Entry, Effect, Durable>,
  look: (entries: readonly Entry[]) => void,
): Machine<Event, Entry, Effect, Durable> {
  const seen = (ready: Ready<Entry, Effect>): Ready<Entry, Effect> => {
    look(ready.persist);
    return ready;
  };
  return {
    step: (event: Event, env: Env) => seen(machine.step(event, env)),
    recover: (durable: Durable, env: Env) => seen(machine.recover(durable, env)),
  };
}
