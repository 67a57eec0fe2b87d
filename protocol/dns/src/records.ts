/** Types of records by name (RFC 1035, 2782, 3596, 6891). */
export const recordTypes = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
  ixfr: 251,
  axfr: 252,
  any: 255,
} as const;

/** Classes by name. Only `internet` is answered. */
export const classes = { internet: 1, any: 255 } as const;

/** Response codes by name (RFC 1035, 6891). */
export const rcodes = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  badVers: 16,
} as const;

/** Operation codes by name. */
export const opcodes = { query: 0 } as const;

/** What is asked for. */
export interface Question {
  /** In lower case, without the last dot; the root is "". See `readName` for bytes that are no text. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/**
 * One record. Names are as in `Question`, but keep their case; addresses are text in canonical spelling.
 * A record of another type keeps its data as bytes.
 */
export type ResourceRecord = RecordHead & RecordData;

export interface RecordHead {
  readonly name: string;
  readonly ttlSeconds: number;
}

/** What a record says, told apart by `type`. */
export type RecordData =
  | { readonly type: "A"; readonly address: string }
  | { readonly type: "AAAA"; readonly address: string }
  | { readonly type: "NS" | "CNAME" | "PTR"; readonly target: string }
  | {
      readonly type: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: "TXT"; readonly texts: readonly Uint8Array[] }
  | ({ readonly type: "SOA" } & StartOfAuthority)
  | {
      readonly type: "OTHER";
      readonly typeNumber: number;
      readonly class: number;
      readonly data: Uint8Array;
    };

export interface StartOfAuthority {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
  /** How long a "no such name" may be kept (RFC 2308). */
  readonly minimumSeconds: number;
}
