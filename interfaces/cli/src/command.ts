import type { WaitOptions } from "./change-app.ts";
import type { LineCount } from "./log-tail.ts";
import type { Output } from "./output.ts";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { TargetOptions } from "./target.ts";

/** Every option of every command; each command accepts only its own. */
export interface CommandOptions extends TargetOptions, WaitOptions {
  readonly json?: boolean;
  readonly once?: boolean;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly stderr?: boolean;
  readonly lines?: LineCount;
  /** Seconds. */
  readonly grace?: number;
  readonly decommission?: boolean;
}

/** Does what a command says that needs no cluster. */
export type LocalHandler = (output: Output, args: readonly string[]) => Outcome;

/** Does what a command says. */
export type CommandHandler = (
  session: Session,
  args: readonly string[],
  options: CommandOptions,
) => Promise<Outcome>;
