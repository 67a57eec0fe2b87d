import { Fault } from "@tutti/base";

/** An error of the system as a fault with its code. */
export function systemFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error;
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string"
      ? error.code
      : "SOCKET";
  return new Fault(code, `${doing}: ${error instanceof Error ? error.message : String(error)}`, {
    retryable: true,
    cause: error,
  });
}
