const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const plain =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** The canonical text of base64 that Mesos would accept, or the character that it would not. */
export type Base64Text = { readonly text: string } | { readonly invalid: string };

/**
 * Makes base64 canonical: white space is skipped, all behind the first `=` is ignored, missing padding
 * is added, spare bits are cleared.
 */
export function canonicalBase64(given: string): Base64Text {
  if (plain.test(given)) return { text: given };
  const values: number[] = [];
  for (const character of given) {
    if (character === "=") break;
    if (" \t\n\v\f\r".includes(character)) continue;
    const value = digits.indexOf(character);
    if (value < 0) return { invalid: character };
    values.push(value);
  }
  const spare = values.length % 4;
  if (spare === 1) values.pop();
  const last = values.length - 1;
  if (spare === 2) values[last] = (values[last] ?? 0) & 0x30;
  if (spare === 3) values[last] = (values[last] ?? 0) & 0x3c;
  const text = values.map((value) => digits.charAt(value)).join("");
  return { text: text + "=".repeat((4 - (text.length % 4)) % 4) };
}
