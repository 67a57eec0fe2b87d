import type { House, Room } from "../house.ts";
import { rankOf, toolsRankMax } from "../layers.ts";
import type { Problem } from "../problem.ts";
import { parseRoomImport, roomNamed } from "./room-names.ts";

/** TDY1: a room imports lower storeys only; nothing imports `proof` or `tools`. */
export function rankProblems(house: House): Problem[] {
  const problems: Problem[] = [];
  for (const room of house.rooms) {
    for (const source of room.sources) {
      for (const { specifier, line } of source.facts.imports) {
        const target = roomNamed(house, parseRoomImport(specifier)?.name ?? "");
        if (target === undefined) continue;
        const message = refusalOf(room, target);
        if (message !== undefined)
          problems.push({ rule: "rank", path: source.path, line, message });
      }
    }
  }
  return problems;
}

function refusalOf(room: Room, target: Room): string | undefined {
  if (room.layer === target.layer) return undefined;
  const names = `${room.folder} imports ${target.folder}`;
  if (target.layer === "proof" || target.layer === "tools") {
    return `${names}: nothing imports ${target.layer}`;
  }
  if (room.layer === "tools") {
    if (rankOf[target.layer] <= toolsRankMax) return undefined;
    return `${names}: tools use foundation and protocol only`;
  }
  if (rankOf[target.layer] < rankOf[room.layer]) return undefined;
  if (rankOf[target.layer] === rankOf[room.layer]) {
    return `${names}: ${room.layer} and ${target.layer} never import one another; speak HTTP, share types in protocol`;
  }
  return `${names}: ${target.layer} stands above ${room.layer}; turn the dependency round or move the shared part down`;
}
