/** On every answer; the leader's URL is known once the server listens. */
export function answerHeaders(url: () => string): Readonly<Record<string, string>> {
  return {
    get "X-Marathon-Leader"() {
      return url();
    },
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    Pragma: "no-cache",
    Expires: "0",
  };
}
