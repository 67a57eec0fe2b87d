import type { House, Room } from "../house.ts";

/** An import split into the room it names and the door it takes; undefined for other packages. */
export interface RoomImport {
  /** Package name, e.g. `@tutti/master`. */
  readonly name: string;
  /** Door, e.g. `.` or `./core`. */
  readonly door: string;
}

/** Splits `@tutti/master/core`; undefined for anything that is not one of our rooms' names. */
export function parseRoomImport(specifier: string): RoomImport | undefined {
  const match = /^(@tutti\/[^/]+)(?:\/(.*))?$/.exec(specifier);
  if (match === null) return undefined;
  const [, name = "", door] = match;
  return { name, door: door === undefined ? "." : `./${door}` };
}

/** The package of an import that is neither relative nor Node's nor ours, e.g. `zod` for `zod/mini`. */
export function parsePackageImport(specifier: string): string | undefined {
  if (/^(\.|\/|node:|file:|@tutti\/)/.test(specifier)) return undefined;
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

/** The room of that package name. */
export function roomNamed(house: House, name: string): Room | undefined {
  return house.rooms.find((room) => room.manifest.name === name);
}
