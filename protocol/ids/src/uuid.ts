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
  if (text.length !== textLength) return undefined;
  const bytes = new Uint8Array(16);
  let at = 0;
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) {
      if (text.charCodeAt(at) !== dash) return undefined;
      at += 1;
    }
    const high = digitAt(text, at);
    const low = digitAt(text, at + 1);
    if (high < 0 || low < 0) return undefined;
    bytes[index] = high * 16 + low;
    at += 2;
  }
  return base64Encode(bytes);
}

const textLength = 36;
const dash = 45;

/** The value of a hexadecimal digit of either case; -1 for anything else. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
