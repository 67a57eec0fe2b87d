import { base64Decode, base64Encode } from "@tutti/base";

/** The text form (8-4-4-4-12, lower case) of the base64 of 16 bytes; undefined for anything else. */
export function uuidTextOf(base64: string): string | undefined {
  const bytes = base64Decode(base64);
  if (bytes?.length !== 16) return undefined;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20, 32]
    .map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end))
    .join("-");
}

/** The base64 of the 16 bytes of a UUID in text form; undefined for anything else. */
export function uuidBase64Of(text: string): string | undefined {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return undefined;
  const bytes = new Uint8Array(16);
  let at = 0;
  for (let index = 0; index < 16; index += 1) {
    if (text.charCodeAt(at) === dash) at += 1;
    bytes[index] = digitAt(text, at) * 16 + digitAt(text, at + 1);
    at += 2;
  }
  return base64Encode(bytes);
}

const dash = 45;

/** The value of a hexadecimal digit of either case. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code <= 57 ? code - 48 : (code | 32) - 87;
}
