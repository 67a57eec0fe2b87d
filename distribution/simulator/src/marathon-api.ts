import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseAppInput, parseAppInputs, refusalBody, refusalStatus } from "@tutti/marathon-v2";
import type { MarathonRefusal } from "@tutti/marathon-v2";
import type { ApiReply, ApiRequest } from "@tutti/marathon/core";

/** An answer of the HTTP API. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Reads the documents of a request as the HTTP door does. */
export function parseRequest(request: ApiRequest): Result<ApiRequest, MarathonRefusal> {
  switch (request.type) {
    case "createApp":
    case "updateApp": {
      const input = parseAppInput(request.input);
      return input.ok ? ok({ ...request, input: input.value }) : input;
    }
    case "updateApps": {
      const inputs = parseAppInputs(request.inputs);
      return inputs.ok ? ok({ ...request, inputs: inputs.value }) : inputs;
    }
    case "deleteApp":
    case "restartApp":
    case "killAppTasks":
    case "killTasks":
    case "cancelDeployment":
    case "resetDelay":
      return ok(request);
  }
}

/** A refusal as the HTTP door answers it. */
export function refusalAnswer(refusal: MarathonRefusal): ApiAnswer {
  return { status: refusalStatus[refusal.code], body: refusalBody(refusal) };
}

/** A reply of the core as the HTTP door answers it. */
export function answerOf(reply: ApiReply): ApiAnswer {
  switch (reply.type) {
    case "appCreated":
      return { status: 201, body: reply.app };
    case "deploymentStarted": {
      const { version, deploymentId, createdApp } = reply;
      return { status: createdApp === undefined ? 200 : 201, body: { version, deploymentId } };
    }
    case "tasksKilled":
      return { status: 200, body: { tasks: reply.tasks } };
    case "deploymentStopped":
      return { status: 202, body: undefined };
    case "delayReset":
      return { status: 204, body: undefined };
    case "refused":
      return refusalAnswer(reply.refusal);
  }
}
