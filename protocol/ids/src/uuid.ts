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
  const hex = text.replaceAll("-", "");
  const bytes = new Uint8Array(16);
  for (let index = 0; index < 16; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return base64Encode(bytes);
}
