import type { House } from "../house.ts";
import type { Problem } from "../problem.ts";

/** TDY8: a package from outside has one version in the whole house. */
export function oneVersionProblems(house: House): Problem[] {
  const usersOf = new Map<string, Map<string, string>>();
  const manifests = [
    { path: "package.json", manifest: house.manifest },
    ...house.rooms.map((room) => ({
      path: `${room.folder}/package.json`,
      manifest: room.manifest,
    })),
  ];
  for (const { path, manifest } of manifests) {
    for (const [name, version] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    })) {
      const users = usersOf.get(name) ?? new Map<string, string>();
      if (!users.has(version)) users.set(version, path);
      usersOf.set(name, users);
    }
  }
  return [...usersOf]
    .filter(([, users]) => users.size > 1)
    .map(([name, users]) => ({
      rule: "one-version",
      path: [...users.values()].at(-1) ?? "package.json",
      message: `${name} has several versions: ${[...users].map(([version, path]) => `${version} in ${path}`).join(", ")}`,
    }));
}
