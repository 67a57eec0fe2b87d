import type { Refusal, RefusalDetail } from "@tutti/base";

/** Every reason for which Marathon refuses, and the status it answers with. */
export const refusalStatus = {
  /** The body is not JSON. */
  INVALID_JSON: 400,
  /** A parameter of the request is wrong or contradicts another. */
  BAD_REQUEST: 400,
  /** A write without the cluster's secret. */
  UNAUTHENTICATED: 401,
  /** The caller is known but may not do this. */
  FORBIDDEN: 403,
  /** App, version, task, group or deployment does not exist. */
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  /** The caller accepts no type this address answers with. */
  NOT_ACCEPTABLE: 406,
  /** The id is taken. */
  CONFLICT: 409,
  /** Running deployments hold the app. */
  APP_LOCKED: 409,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  /** Well-formed JSON of the wrong shape. */
  WRONG_SHAPE: 422,
  /** Right shape, but the object breaks a rule or asks for what this release cannot do. */
  INVALID_OBJECT: 422,
  /** Too much is waiting already. */
  OVERLOADED: 503,
} as const;

/** The code of a refusal. */
export type MarathonRefusalCode = keyof typeof refusalStatus;

/** A refusal of Marathon; `deploymentIds` with `APP_LOCKED` only. */
export interface MarathonRefusal extends Refusal<MarathonRefusalCode> {
  readonly deploymentIds?: readonly string[];
}

/** The body of a refusal: `message`, and `details` or `deployments` where there are some. */
export function refusalBody(refusal: MarathonRefusal): {
  readonly message: string;
  readonly details?: readonly RefusalDetail[];
  readonly deployments?: readonly { readonly id: string }[];
} {
  return {
    message: refusal.message,
    ...(refusal.details === undefined ? {} : { details: refusal.details }),
    ...(refusal.deploymentIds === undefined
      ? {}
      : { deployments: refusal.deploymentIds.map((id) => ({ id })) }),
  };
}

/** The refusal of a document whose shape is wrong. */
export function wrongShape(details: readonly RefusalDetail[]): MarathonRefusal {
  return { code: "WRONG_SHAPE", message: "Invalid JSON", details };
}

/** The refusal of an object that breaks a rule. */
export function invalidObject(details: readonly RefusalDetail[]): MarathonRefusal {
  return { code: "INVALID_OBJECT", message: "Object is not valid", details };
}

/** The refusal of a change while deployments hold the app. */
export function appLocked(deploymentIds: readonly string[]): MarathonRefusal {
  return {
    code: "APP_LOCKED",
    message:
      "App is locked by one or more deployments. Override with the option '?force=true'. " +
      "View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
    deploymentIds,
  };
}

/** The refusal for an app, or a version of it, that is not there. */
export function appNotFound(id: string, version?: string): MarathonRefusal {
  const inVersion = version === undefined ? "" : ` in version ${version}`;
  return { code: "NOT_FOUND", message: `App '${id}' does not exist${inVersion}` };
}
