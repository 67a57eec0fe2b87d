import { ok, refuse, utf8Encode } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";

/** Bytes an id may have: each one may become the name of a directory. */
export const idBytesMax = 255;

/**
 * Checks an id that clients of the Mesos API choose or send back (task, executor, framework, agent,
 * offer, operation …): 1 to 255 bytes, no slash, backslash or control character, neither `.` nor `..`.
 * Spaces are allowed. The texts are those of Mesos. Rule IDS1.
 */
export function checkMesosId(text: string): Result<string, Refusal<"INVALID_ID">> {
  if (text.length === 0) return refuse("INVALID_ID", "ID must not be empty");
  if (text.length > idBytesMax) return tooLong();
  let isForbidden = false;
  let isAscii = true;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) isAscii = false;
    else if (unit < 0x20 || unit === 0x7f || unit === 0x2f || unit === 0x5c) isForbidden = true;
  }
  // Only other characters than ASCII have more bytes than units.
  if (!isAscii && utf8Encode(text).length > idBytesMax) return tooLong();
  if (text === "." || text === "..") return refuse("INVALID_ID", `'${text}' is disallowed`);
  return isForbidden ? refuse("INVALID_ID", `'${text}' contains invalid characters`) : ok(text);
}

function tooLong(): Result<never, Refusal<"INVALID_ID">> {
  return refuse("INVALID_ID", `ID must not be greater than ${idBytesMax} characters`);
}
