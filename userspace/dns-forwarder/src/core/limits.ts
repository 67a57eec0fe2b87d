/** Bounds of the forwarder. */
export const limits = {
  /** Name servers that the C library takes from resolv.conf. */
  nameServersMax: 3,
  /** Search domains that the C library took before version 2.26. */
  searchDomainsMax: 6,
} as const;
