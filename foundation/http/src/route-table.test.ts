import { expect, test } from "vitest";
import { RouteTable } from "./route-table.ts";

const table = new RouteTable(
  [
    "/",
    "/state",
    "/v2/apps",
    "/v2/apps/*",
    "/v2/tasks/:id",
    "/v2/tasks/delete",
    "/a/:x/b",
    "/a/*",
    "/n/:one/:two",
  ].map((path) => ({ path, methods: {} })),
);

test.each([
  ["/", "/", {}],
  ["/state", "/state", {}],
  ["/state/", "/state", {}],
  ["/v2/apps/", "/v2/apps", {}],
  ["/v2/apps/web", "/v2/apps/*", { rest: "web" }],
  ["/v2/apps//group/web/", "/v2/apps/*", { rest: "/group/web" }],
  ["/v2/apps/a%2Fb/c%20d", "/v2/apps/*", { rest: "a/b/c d" }],
  ["/v2/tasks/delete", "/v2/tasks/delete", {}],
  ["/v2/tasks/x%20y", "/v2/tasks/:id", { id: "x y" }],
  ["/a/1/b", "/a/:x/b", { x: "1" }],
  ["/a/1/c", "/a/*", { rest: "1/c" }],
  ["/n/1/2", "/n/:one/:two", { one: "1", two: "2" }],
])("[HTP1] %s leads to %s", (path, pattern, params) => {
  const match = table.match(path);
  expect(match.type === "found" ? [match.route.path, match.params] : match).toEqual([
    pattern,
    params,
  ]);
});

test.each(["/nope", "/state/x", "/v2", "/v2/tasks", "/n/1", "/n/1/", "*", ""])(
  "[HTP1] %s leads nowhere",
  (path) => {
    expect(table.match(path)).toEqual({ type: "absent" });
  },
);

test("[HTP1] a path that is not valid percent-encoding is malformed", () => {
  expect(table.match("/v2/apps/%zz")).toEqual({ type: "malformed" });
});

test.each([[["/a", "/a"]], [["/a/*", "/a/*"]], [["/a/:x", "/a/:y/b"]], [["/*/a"]], [["a"]]])(
  "routes %j are a bug",
  (paths) => {
    expect(() => new RouteTable(paths.map((path) => ({ path, methods: {} })))).toThrow();
  },
);
