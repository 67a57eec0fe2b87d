const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const INVALID = 0xff;
const PAD = 0x3d;
const VALUES = valuesOf(ALPHABET);

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(INVALID);
  for (let index = 0; index < alphabet.length; index += 1) {
    values[alphabet.charCodeAt(index)] = index;
  }
  return values;
}

/** Standard base64 with padding (RFC 4648 §4). */
export function base64Encode(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += digit(word >> 18) + digit(word >> 12) + digit(word >> 6) + digit(word);
  }
  if (at + 1 === bytes.length) {
    const word = (bytes[at] ?? 0) << 16;
    text += `${digit(word >> 18)}${digit(word >> 12)}==`;
  } else if (at + 2 === bytes.length) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8);
    text += `${digit(word >> 18)}${digit(word >> 12)}${digit(word >> 6)}=`;
  }
  return text;
}

function digit(value: number): string {
  return ALPHABET.charAt(value & 0x3f);
}

/**
 * The bytes of standard base64 `text`, or undefined when it is malformed: a foreign character, a
 * wrong length, set bits after the end. Padding is required, as Mesos requires it.
 */
export function base64Decode(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  if (text.length === 0) return new Uint8Array(0);
  let padding = 0;
  if (text.charCodeAt(text.length - 1) === PAD)
    padding = text.charCodeAt(text.length - 2) === PAD ? 2 : 1;
  const digits = text.length - padding;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < digits; index += 1) {
    const value = VALUES[text.charCodeAt(index)] ?? INVALID;
    if (value === INVALID) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = word >> bits;
    }
  }
  return (word & ((1 << bits) - 1)) === 0 ? out : undefined;
}
