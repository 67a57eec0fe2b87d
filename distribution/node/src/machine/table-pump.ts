import type { TableChange, TableRoom, TableVersion } from "@tutti/discovery-v1";
import { TableOrder } from "../core/index.ts";
import type { NamesRoom, TableOrderOptions } from "../core/index.ts";

interface TablePumpOptions extends Pick<TableOrderOptions, "onApplied"> {
  readonly names: readonly NamesRoom[];
  /** The room that leads packets; without one no VIP has a name here. */
  readonly dataplane: Pick<TableRoom, "apply"> | undefined;
  readonly onError: (error: unknown) => void;
}

/** Gives changes to the real rooms in the order of `TableOrder`. */
export class TablePump {
  readonly #order: TableOrder;

  constructor({ names, dataplane, onApplied, onError }: TablePumpOptions) {
    const tell = async (change: TableChange, done: (isHeld: boolean) => void): Promise<void> => {
      try {
        const outcome = await dataplane?.apply(change);
        done(outcome?.held !== false);
        if (outcome?.held !== false) return;
        await outcome.later;
        this.#order.held();
      } catch (error) {
        onError(error);
      }
    };
    this.#order = new TableOrder({
      names,
      dataplane: dataplane === undefined ? undefined : (change, done) => void tell(change, done),
      onApplied,
    });
  }

  /** See `TableOrder.take`. */
  take(change: TableChange, version: TableVersion, isAwaited: boolean): void {
    this.#order.take(change, version, isAwaited);
  }
}
