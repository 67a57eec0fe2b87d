/** The origin of a redirect, which a master writes as `//host:port/path`; undefined when it is no http: URL. */
export function originOf(location: string | undefined, base: string): string | undefined {
  if (location === undefined || !URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  return url.protocol === "http:" ? url.origin : undefined;
}
