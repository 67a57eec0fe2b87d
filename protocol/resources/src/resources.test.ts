import type { Resource } from "@tutti/mesos-v1";
import { describe, expect, test } from "vitest";
import {
  formatResourcesText,
  parseAttributesText,
  parseResourcesText,
  Resources,
  toEndpointFormat,
  toFlatReservation,
} from "./index.ts";

const cpus = (value: number, more: Partial<Resource> = {}): Resource => ({
  name: "cpus",
  type: "SCALAR",
  scalar: { value },
  ...more,
});
const disk = (value: number, more: Partial<Resource> = {}): Resource => ({
  ...cpus(value, more),
  name: "disk",
});
const ports = (...range: { begin: number; end: number }[]): Resource => ({
  name: "ports",
  type: "RANGES",
  ranges: { range },
});
const volume = (id: string, more: Partial<Resource> = {}): Resource =>
  disk(64, {
    reservations: [{ type: "DYNAMIC", role: "db" }],
    disk: { persistence: { id }, volume: { mode: "RW", container_path: "data" } },
    ...more,
  });
const of = (...parts: Resource[]): Resources => Resources.of(parts);
const text = (source: string): Resources => {
  const parsed = parseResourcesText(source);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

describe("validation", () => {
  const reserved = (...reservations: object[]): Partial<Resource> => ({ reservations });
  test.each<[string, Resource, string]>([
    [
      "RES1",
      cpus(-1, { allocation_info: { role: "*" } }),
      "Resource 'cpus(allocated: *):-1' is invalid: Invalid scalar resource: value <= 0",
    ],
    ["RES1", cpus(0.0001), "Resource 'cpus:0' is invalid: Invalid scalar resource: value <= 0"],
    [
      "RES1",
      cpus(Number.NaN),
      "Resource 'cpus:NaN' is invalid: Invalid scalar resource: value is not finite",
    ],
    [
      "RES1",
      cpus(1e300),
      "Resource 'cpus:1e+300' is invalid: Invalid scalar resource: value is too large",
    ],
    [
      "RES1",
      { name: "", type: "SCALAR", scalar: { value: 1 } },
      "Resource ':1' is invalid: Empty resource name",
    ],
    ["RES1", { name: "x", type: "TEXT" }, "Resource 'x:' is invalid: Unsupported resource type"],
    ["RES1", { ...cpus(1), set: {} }, "Resource 'cpus:1' is invalid: Invalid scalar resource"],
    [
      "RES2",
      ports({ begin: 2, end: 1 }),
      "Resource 'ports:[2-1]' is invalid: Invalid ranges resource: begin > end",
    ],
    [
      "RES2",
      ports({ begin: 1, end: 3 }, { begin: 3, end: 4 }),
      "Resource 'ports:[1-3, 3-4]' is invalid: Invalid ranges resource: overlapping ranges",
    ],
    [
      "RES2",
      { name: "gpus", type: "SET", set: { item: ["a", "a"] } },
      "Resource 'gpus:{a, a}' is invalid: Invalid set resource: duplicated elements",
    ],
    [
      "RES3",
      cpus(1, { disk: {} }),
      "Resource 'cpus[]:1' is invalid: DiskInfo should not be set for cpus resource",
    ],
    [
      "RES3",
      disk(1, { disk: { source: { type: "RAW", mount: {} } } }),
      "Resource 'disk[RAW]:1' is invalid: Mount should not be set for RAW disk source",
    ],
    [
      "RES4",
      cpus(1, { role: "a b" }),
      "Resource 'cpus:1' is invalid: Role component 'a b' is invalid because it contains backspace or whitespace",
    ],
    [
      "RES4",
      cpus(1, { role: "*", reservation: {} }),
      "Resource 'cpus:1' is invalid: Invalid reservation: role \"*\" cannot be dynamically reserved",
    ],
    [
      "RES4",
      cpus(1, reserved({ role: "a" })),
      "Resource 'cpus(reservations: [(UNKNOWN,a)]):1' is invalid: Invalid reservation: 'Resource.ReservationInfo.type' field must be set.",
    ],
    [
      "RES5",
      cpus(1, reserved({ type: "STATIC", role: "a" }, { type: "DYNAMIC", role: "b" })),
      "Resource 'cpus(reservations: [(STATIC,a), (DYNAMIC,b)]):1' is invalid: Invalid refined reservation: role 'b' is not a refinement of 'a'",
    ],
    [
      "RES5",
      cpus(1, { role: "b", ...reserved({ type: "STATIC", role: "a" }) }),
      "Resource 'cpus(reservations: [(STATIC,a)]):1' is invalid: Invalid resource format: 'Resource.role' field with 'b' does not match the role 'a' in 'Resource.reservations'",
    ],
    [
      "RES6",
      cpus(1, { shared: {} }),
      "Resource 'cpus<SHARED>:1' is invalid: Resource cpus cannot be shared",
    ],
    [
      "RES6",
      disk(1, { shared: {} }),
      "Resource 'disk<SHARED>:1' is invalid: Only persistent volumes can be shared",
    ],
  ])("[%s] %j", (_, message, told) => {
    const parsed = Resources.parse([message]);
    expect(parsed.ok ? parsed.value : parsed.error.message).toBe(told);
  });
});

describe("the algebra", () => {
  test("[RES11] scalars are counted in thousandths, never added as floats", () => {
    const tenth = of(cpus(0.1));
    const three = tenth.add(tenth).add(tenth);
    expect(three.equals(of(cpus(0.3)))).toBe(true);
    expect(three.scalar("cpus")).toBe(300);
    expect(three.toMessages()).toEqual([cpus(0.3)]);
  });

  test("[RES12] only resources that agree in reservation, allocation, disk and kind add up", () => {
    const sum = of(cpus(1), cpus(1, { role: "web" }), cpus(1, { revocable: {} }), cpus(2));
    expect(String(sum)).toBe("cpus:3; cpus(reservations: [(STATIC,web)]):1; cpus{REV}:1");
    expect(sum.scalar("cpus")).toBe(5000);
  });

  test("[RES13] persistent volumes and mounts are whole", () => {
    const mount = disk(100, { disk: { source: { type: "MOUNT", mount: { root: "/m" } } } });
    expect(of(mount).contains(of({ ...mount, scalar: { value: 50 } }))).toBe(false);
    expect(
      of(volume("v"))
        .subtract(of(volume("w")))
        .equals(of(volume("v"))),
    ).toBe(true);
    expect(
      of(volume("v"), volume("v"))
        .subtract(of(volume("v")))
        .equals(of(volume("v"))),
    ).toBe(true);
    const elsewhere = volume("v", { disk: { persistence: { id: "v" } } });
    expect(of(volume("v")).contains(of(elsewhere))).toBe(true);
  });

  test("[RES14] a shared volume is counted by its users and measured once", () => {
    const shared = of(volume("v", { shared: {} }));
    const twice = shared.add(shared);
    expect(twice.contains(shared)).toBe(true);
    expect(shared.contains(twice)).toBe(false);
    expect(twice.subtract(shared).equals(shared)).toBe(true);
    expect(twice.scalar("disk")).toBe(64_000);
    expect(String(twice)).toMatch(/<SHARED>:64<2>$/);
  });

  test("[RES15] roles: reserved, unreserved, allocatable", () => {
    const all = text("cpus:1;cpus(web):2;cpus(web/eu):4;mem:8");
    expect(all.unreserved().equals(text("cpus:1;mem:8"))).toBe(true);
    expect(all.reserved("web").equals(text("cpus(web):2"))).toBe(true);
    expect(all.reserved().scalar("cpus")).toBe(6000);
    expect(all.allocatableTo("web").equals(text("cpus:1;cpus(web):2;mem:8"))).toBe(true);
    expect(all.allocatableTo("web/eu").equals(all)).toBe(true);
    expect(all.allocatableTo("webs").equals(text("cpus:1;mem:8"))).toBe(true);
    expect([...all.byReservation().keys()]).toEqual(["web", "web/eu"]);
    expect(all.toUnreserved().equals(text("cpus:7;mem:8"))).toBe(true);
  });

  test("[RES16] reservations are stacked and taken off again", () => {
    const base = text("cpus(web):2");
    const refined = base.pushReservation({ type: "DYNAMIC", role: "web/eu", principal: "p" });
    expect(String(refined)).toBe("cpus(reservations: [(STATIC,web), (DYNAMIC,web/eu,p)]):2");
    expect(refined.popReservation().equals(base)).toBe(true);
    expect(base.popReservation().equals(text("cpus:2"))).toBe(true);
  });

  test("[RES17] allocation marks all and is taken off again", () => {
    const all = text("cpus:1;ports:[1-2]");
    expect(String(all.allocate("*"))).toBe("cpus(allocated: *):1; ports(allocated: *):[1-2]");
    expect(all.allocate("a").contains(all)).toBe(false);
    expect(all.allocate("a").unallocate().equals(all)).toBe(true);
    expect(all.allocate("a").add(all.allocate("b")).unallocate().scalar("cpus")).toBe(2000);
    expect(all.allocate("a").byAllocation().get("a")?.equals(all.allocate("a"))).toBe(true);
  });
});

describe("formats", () => {
  test("[RES7] older messages with role and reservation are read in", () => {
    const labels = { labels: [{ key: "k" }] };
    const dynamic = cpus(1, { role: "web", reservation: { principal: "p", labels } });
    expect(of(dynamic).toMessages()).toEqual([
      cpus(1, { reservations: [{ principal: "p", labels, type: "DYNAMIC", role: "web" }] }),
    ]);
    expect(of(cpus(1, { role: "*" })).toMessages()).toEqual([cpus(1)]);
    const endpoint = toEndpointFormat(of(dynamic).toMessages()[0]!);
    expect(of(endpoint).equals(of(dynamic))).toBe(true);
    expect(toFlatReservation(of(dynamic).toMessages()[0]!)).toEqual(dynamic);
    expect(toFlatReservation(cpus(1))).toEqual(cpus(1, { role: "*" }));
    const stacked = [
      { type: "STATIC", role: "a" },
      { type: "DYNAMIC", role: "a/b" },
    ] as const;
    expect(toFlatReservation(cpus(1, { reservations: stacked }))).toBeUndefined();
  });

  test.each([
    ["cpus:4;mem:1024;ports:[31000-32000]", "cpus:4; mem:1024; ports:[31000-32000]"],
    [" cpus : 0.5 ; mem(web):64;", "cpus:0.5; mem(reservations: [(STATIC,web)]):64"],
    ["ports:[5-7, 1-3, 4-4]", "ports:[1-7]"],
    ["gpus:{b, a}", "gpus:{a, b}"],
    ["cpus:0", "{}"],
    [
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":2},"role":"web"}]',
      "cpus(reservations: [(STATIC,web)]):2",
    ],
  ])("[RES8] %j is read", (source, printed) => {
    expect(String(text(source))).toBe(printed);
  });

  test.each([
    ["cpus", "Bad value for resources, missing or extra ':' in cpus"],
    ["cpus(a:1", "Bad value for resources, mismatched parentheses in cpus(a:1"],
    ["cpus:many", "Bad type for resource cpus value many type TEXT"],
    ["cpus:-1", "Invalid scalar resource: value <= 0"],
    [
      "ports:[1]",
      "Failed to parse resource ports value [1] error Expecting one or more \"ranges\" of non-negative integers in '[1]', such as [31000-32000]",
    ],
    [
      "cpus:1;cpus:[1-2]",
      "Resources with the same name ('cpus') but different types are not allowed",
    ],
    [
      '[{"name":"cpus"}]',
      "Some JSON resources were not formatted properly: Missing required fields: resources[0].type",
    ],
    [
      '[{"name":"cpus","type":"SCALAR","scalar":{"value":1},"revocable":{}}]',
      "Revocable resources cannot be specified at the command line; do not include a 'revocable' key in the resources JSON",
    ],
  ])("[RES9] %j is refused", (source, told) => {
    const parsed = parseResourcesText(source);
    expect(parsed.ok ? String(parsed.value) : parsed.error.message).toBe(told);
  });

  test("[RES8] what text cannot say is not printed as text", () => {
    expect(formatResourcesText(text("cpus:1;mem(web):2"))).toBe("cpus:1;mem(web):2");
    expect(formatResourcesText(text("cpus:1").allocate("a"))).toBeUndefined();
    expect(formatResourcesText(of(volume("v")))).toBeUndefined();
  });

  test("[RES10] attributes", () => {
    expect(parseAttributesText("rack:r1;zone:a:b;cores:8;range:[1-5]")).toEqual({
      ok: true,
      value: [
        { name: "rack", type: "TEXT", text: { value: "r1" } },
        { name: "zone", type: "TEXT", text: { value: "a:b" } },
        { name: "cores", type: "SCALAR", scalar: { value: 8 } },
        { name: "range", type: "RANGES", ranges: { range: [{ begin: 1, end: 5 }] } },
      ],
    });
    expect(parseAttributesText("rack").ok).toBe(false);
    expect(parseAttributesText("a:{b}").ok).toBe(false);
  });

  test("[RES18] quantities", () => {
    const left = text("cpus:1.5;mem(web):64;ports:[1-9]").quantities();
    expect(String(left)).toBe("cpus:1.5; mem:64");
    expect(String(left.subtract(text("cpus:2").quantities()))).toBe("mem:64");
    expect(left.contains(text("cpus:1.5").quantities())).toBe(true);
    expect(left.contains(text("gpus:1").quantities())).toBe(false);
    expect(left.add(left).equals(text("cpus:3;mem:128").quantities())).toBe(true);
  });
});

describe("cutting", () => {
  const counted = (): boolean => true;

  test("[RES21] scalars are cut to their bounds, in order, and nothing else is", () => {
    const all = Resources.of([
      { name: "cpus", type: "SCALAR", scalar: { value: 4 } },
      { name: "mem", type: "SCALAR", scalar: { value: 100 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 2 }] } },
    ]);
    const rooms: Readonly<Record<string, number>> = { cpus: 1500, ports: 0 };
    expect(all.cutScalars((name) => rooms[name], counted).toString()).toBe(
      "cpus:1.5; mem:100; ports:[1-2]",
    );
    expect(all.cutScalars(() => Infinity, counted)).toBe(all);
    expect(all.cutScalars(() => -1, counted).toString()).toBe("ports:[1-2]");
    expect(
      all
        .cutScalars(
          () => 0,
          (head) => head.name === "mem",
        )
        .toString(),
    ).toBe("cpus:4; ports:[1-2]");
  });

  test("[RES21] a mount is left out when it does not fit whole", () => {
    const disks = Resources.of([
      { name: "disk", type: "SCALAR", scalar: { value: 10 }, disk: { source: { type: "MOUNT" } } },
      { name: "disk", type: "SCALAR", scalar: { value: 10 } },
    ]);
    expect(disks.cutScalars(() => 7000, counted).toString()).toBe("disk:7");
    expect(disks.cutScalars(() => 12_000, counted).scalar("disk")).toBe(12_000);
  });
});
