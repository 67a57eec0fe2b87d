/** A field that the schema does not know, as it came: number, wire type, raw bytes. */
export interface UnknownField {
  readonly number: number;
  readonly wireType: number;
  readonly bytes: Uint8Array;
}

/**
 * Holds the unknown fields of a message beside its named ones. Copies made with `{ ...message }` keep
 * them; JSON never shows them.
 */
export const unknownFields: unique symbol = Symbol("unknown fields");

/** The unknown fields of a message, in order of arrival. */
export function unknownFieldsOf(message: object): readonly UnknownField[] {
  return (message as { readonly [unknownFields]?: readonly UnknownField[] })[unknownFields] ?? [];
}
