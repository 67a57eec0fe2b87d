import { utf8Encode } from "@tutti/base";
import { known, parseRoleName } from "@tutti/ids";
import type { MasterCallUpdateWeights } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { RoleWeight } from "../events.ts";
import { limits } from "../limits.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";

/** UPDATE_WEIGHTS: all of them or none; durable before it is answered. Rule MST70. */
export function updateWeights(
  turn: Turn,
  principal: Principal,
  call: MasterCallUpdateWeights,
): MasterRefusal | undefined {
  const weights = (call.weight_infos ?? []).map(({ role = "", weight }) => ({ role, weight }));
  for (const { role, weight } of weights) {
    const allowed = authorise(principal, "updateWeights", role);
    if (!allowed.ok) return allowed.error;
    const fault = faultOfWeight(role, weight);
    if (fault !== undefined) return { code: "WEIGHTS_INVALID", message: fault };
  }
  if (bytesOf(turn, weights) > limits.weightsBytesMax) {
    const message = `All weights together may have ${limits.weightsBytesMax} bytes; remove some roles`;
    return { code: "WEIGHTS_INVALID", message };
  }
  for (const { role, weight } of weights) {
    const name = known(parseRoleName(role));
    turn.state.weights.set(name, weight);
    turn.allocator.setWeight(name, weight);
  }
  turn.state.version += 1;
  turn.persist.push({ type: "putWeights", weights: allWeights(turn) });
  log(turn, {
    what: "weightsChanged",
    principal: principal.name,
    roles: weights.map(({ role }) => role),
  });
  requestAllocation(turn);
  return undefined;
}

function faultOfWeight(role: string, weight: number): string | undefined {
  const parsed = parseRoleName(role);
  if (!parsed.ok) {
    return `Failed to validate update weights request JSON: Invalid role '${role}': ${parsed.error.message}`;
  }
  return weight > 0 && Number.isFinite(weight)
    ? undefined
    : `Failed to validate update weights request JSON for role '${role}': Invalid weight '${weight}': Weights must be positive`;
}

function bytesOf(turn: Turn, more: readonly RoleWeight[]): number {
  return utf8Encode(JSON.stringify([...allWeights(turn), ...more])).length;
}

function allWeights(turn: Turn): RoleWeight[] {
  return [...turn.state.weights].map(([role, weight]) => ({ role, weight }));
}
