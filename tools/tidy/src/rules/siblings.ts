import type { House } from "../house.ts";
import { maySeeSibling } from "../layers.ts";
import type { Problem } from "../problem.ts";
import { parseRoomImport, roomNamed } from "./room-names.ts";

/** TDY2: rooms of one storey are strangers unless the table in `layers.ts` says otherwise. */
export function siblingProblems(house: House): Problem[] {
  const problems: Problem[] = [];
  for (const room of house.rooms) {
    for (const source of room.sources) {
      for (const { specifier, line } of source.facts.imports) {
        const target = roomNamed(house, parseRoomImport(specifier)?.name ?? "");
        if (target === undefined || target === room || target.layer !== room.layer) continue;
        if (maySeeSibling(room.layer, room.folder, target.folder)) continue;
        problems.push({
          rule: "siblings",
          path: source.path,
          line,
          message: `${room.folder} imports its sibling ${target.folder}: in ${room.layer} rooms are strangers; share types in protocol`,
        });
      }
    }
  }
  return problems;
}
