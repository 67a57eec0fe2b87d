import { jsonReply, textReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";

const callbackPattern = /^[A-Za-z_$][\w$.]{0,127}$/;

/** JSON, or a call of the function that `?jsonp=` names. Rule AGT30. */
export function jsonpReply(request: HttpRequest, value: unknown): HttpReply {
  const callback = request.query.get("jsonp");
  if (callback === null) return jsonReply(200, value);
  if (!callbackPattern.test(callback)) {
    return textReply(400, "Expecting 'jsonp' to be the name of a function.\n");
  }
  return {
    status: 200,
    headers: { "Content-Type": "text/javascript", "X-Content-Type-Options": "nosniff" },
    body: `${callback}(${JSON.stringify(value)})`,
  };
}
