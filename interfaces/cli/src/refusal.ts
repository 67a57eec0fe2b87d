import type { Refusal, RefusalDetail, Result } from "@tutti/base";
import type { CliCode } from "./exit-codes.ts";

/** Why a command failed. */
export interface CliRefusal extends Refusal<CliCode> {
  /** What the user can do about it, one sentence. */
  readonly hint?: string;
  /** The HTTP status, when a service refused. */
  readonly status?: number;
  /** With `APP_LOCKED`: the deployments that hold the app. */
  readonly deployments?: readonly string[];
}

/** What a step of a command comes to. */
export type Outcome<T = undefined> = Result<T, CliRefusal>;

/** A command that did what it was asked. */
export const done: Outcome = { ok: true, value: undefined };

/** A refusal of the CLI's own. */
export function refused(
  code: CliCode,
  message: string,
  more: { readonly hint?: string; readonly details?: readonly RefusalDetail[] } = {},
): { readonly ok: false; readonly error: CliRefusal } {
  return { ok: false, error: { code, message, ...more } };
}
