declare const brand: unique symbol;

/** A value of `T` that only the parse function of kind `K` may produce; kinds do not mix. */
export type Brand<T, K extends string> = T & { readonly [brand]: K };
