import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bar, glyphs } from "./bar.ts";
import { paintLine } from "./line.ts";
import { type FrameOptions, renderFrame } from "./render-frame.ts";
import type { TopApp, TopMachine, TopView } from "./top-view.ts";

const machine: TopMachine = {
  name: "agent1",
  ip: "10.0.0.1",
  public: false,
  status: "active",
  tasks: 4,
  cpus: { used: 0.52, allocated: 1.5, total: 4 },
  mem: { used: 512.4, allocated: 2048, total: 7230 },
};
const app: TopApp = {
  id: "/web",
  instances: 3,
  running: 3,
  healthy: 3,
  hasHealthChecks: true,
  isDeploying: false,
  cpus: { used: 0.3, allocated: 0.6 },
  mem: { used: 48, allocated: 96 },
};
const view: TopView = {
  at: "2026-11-22T10:00:01.250Z",
  cluster: "blue",
  machines: [
    machine,
    {
      ...machine,
      name: "public1",
      public: true,
      tasks: 0,
      cpus: { used: 3.9, allocated: 1, total: 4 },
    },
    { ...machine, name: "agent2", status: "silent", cpus: { used: null, allocated: 1, total: 4 } },
    { ...machine, name: "agent3", status: "unregistered", tasks: 0, cpus: null, mem: null },
  ],
  apps: [
    app,
    {
      ...app,
      id: "/shop/frontend",
      running: 1,
      healthy: 0,
      isDeploying: true,
      cpus: { used: 1.234, allocated: 2 },
    },
    {
      ...app,
      id: "/quiet",
      hasHealthChecks: false,
      instances: 0,
      running: 0,
      cpus: { used: 0, allocated: 0 },
      mem: { used: 0, allocated: 0 },
    },
    {
      ...app,
      id: "/new",
      cpus: { used: null, allocated: 1 },
      mem: { used: null, allocated: 2_000_000 },
    },
  ],
  totals: {
    tasks: 8,
    cpus: { used: 4.42, allocated: 4, total: 12 },
    mem: { used: 1024, allocated: 6144, total: 21_690 },
  },
  problems: [],
};

const options: FrameOptions = { columns: 100, rows: undefined, signs: glyphs.ascii, isLive: false };

function textOf(changes: Partial<TopView>, more: Partial<FrameOptions> = {}): string {
  const chosen = { ...options, ...more };
  return renderFrame({ ...view, ...changes }, chosen)
    .map((line) => paintLine(line, chosen.columns, (_style, text) => text))
    .join("\n");
}

describe("a frame", () => {
  it("[CLI50] shows totals, machines (troubled ones first), and apps (lacking ones first)", () => {
    expect(textOf({})).toMatchInlineSnapshot(`
      "blue  10:00:01 UTC  4 machines (2 not there), 4 apps, 8 tasks
      CPU  [##############........................]  4.42 used, 4 allocated of 12
      MEM  [##=========...........................]  1G used, 6G allocated of 21.2G

      MACHINE         STATUS         TASKS               CPU  ALLOC     OF               MEM  ALLOC     OF
      agent2          silent             4  [==.....]      ?      1      4  [#=.....]   512M     2G   7.1G
      agent3          unregistered       0                 -      -      -                 -      -      -
      agent1          active             4  [#==....]   0.52    1.5      4  [#=.....]   512M     2G   7.1G
      public1         public             0  [#######]    3.9      1      4  [#=.....]   512M     2G   7.1G

      APP             INSTANCES     HEALTH     CPU  ALLOC    MEM  ALLOC
      /shop/frontend  1/3 ...          0/1    1.23      2    48M    96M
      /web            3/3              3/3     0.3    0.6    48M    96M
      /new            3/3              3/3       ?      1      ?   1.9T
      /quiet          0/0                -       0      0     0M     0M"
    `);
  });

  it("[CLI50] without bars on a narrow terminal", () => {
    expect(textOf({}, { columns: 64 })).toMatchInlineSnapshot(`
      "blue  10:00:01 UTC  4 machines (2 not there), 4 apps, 8 tasks
      CPU  [######...........]  4.42 used, 4 allocated of 12
      MEM  [#====............]  1G used, 6G allocated of 21.2G

      MACHINE         STATUS         TASKS      CPU  ALLOC      MEM  A
      agent2          silent             4        ?      1     512M
      agent3          unregistered       0        -      -        -
      agent1          active             4     0.52    1.5     512M
      public1         public             0      3.9      1     512M

      APP             INSTANCES     HEALTH     CPU  ALLOC    MEM  ALLO
      /shop/frontend  1/3 ...          0/1    1.23      2    48M    96
      /web            3/3              3/3     0.3    0.6    48M    96
      /new            3/3              3/3       ?      1      ?   1.9
      /quiet          0/0                -       0      0     0M     0"
    `);
  });

  it("[CLI50] divides the rows of a small terminal between machines and apps", () => {
    const machines = Array.from({ length: 9 }, (_, at) => ({
      ...machine,
      name: `agent${String(at)}`,
    }));
    const apps = Array.from({ length: 30 }, (_, at) => ({ ...app, id: `/app-${String(at)}` }));
    expect(textOf({ machines, apps }, { rows: 20, isLive: true })).toMatchInlineSnapshot(`
      "blue  10:00:01 UTC  9 machines, 30 apps, 8 tasks
      CPU  [##############........................]  4.42 used, 4 allocated of 12
      MEM  [##=========...........................]  1G used, 6G allocated of 21.2G

      MACHINE   STATUS         TASKS                  CPU  ALLOC     OF                  MEM  ALLOC     OF
      agent0    active             4  [#===......]   0.52    1.5      4  [#==.......]   512M     2G   7.1G
      agent1    active             4  [#===......]   0.52    1.5      4  [#==.......]   512M     2G   7.1G
      agent2    active             4  [#===......]   0.52    1.5      4  [#==.......]   512M     2G   7.1G
      agent3    active             4  [#===......]   0.52    1.5      4  [#==.......]   512M     2G   7.1G
      and 5 more machines

      APP       INSTANCES     HEALTH     CPU  ALLOC    MEM  ALLOC
      /app-0    3/3              3/3     0.3    0.6    48M    96M
      /app-1    3/3              3/3     0.3    0.6    48M    96M
      /app-10   3/3              3/3     0.3    0.6    48M    96M
      /app-11   3/3              3/3     0.3    0.6    48M    96M
      /app-12   3/3              3/3     0.3    0.6    48M    96M
      and 25 more apps

      # used  = allocated  . free    q ends"
    `);
  });

  it("[CLI50] of an empty cluster, and what could not be asked", () => {
    const nothing = { used: 0, allocated: 0, total: 0 };
    const totals = { tasks: 0, cpus: nothing, mem: nothing };
    const problems = ["Marathon at http://x cannot be reached: ECONNREFUSED."];
    expect(textOf({ cluster: null, machines: [], apps: [], totals, problems }))
      .toMatchInlineSnapshot(`
      "tutti  10:00:01 UTC  0 machines, 0 apps, 0 tasks
      CPU  [......................................]  0 used, 0 allocated of 0
      MEM  [......................................]  0M used, 0M allocated of 0M
      Marathon at http://x cannot be reached: ECONNREFUSED.

      MACHINE   STATUS         TASKS                  CPU  ALLOC     OF                  MEM  ALLOC     OF

      APP       INSTANCES     HEALTH     CPU  ALLOC    MEM  ALLOC
      There are no apps."
    `);
  });

  it("[CLI50] in colour", () => {
    const painted = renderFrame(view, options)
      .slice(5, 7)
      .map((line) => paintLine(line, 60, (style, text) => `<${style}>${text}</>`));
    expect(painted).toMatchInlineSnapshot(`
      [
        "agent2          <red>silent      </>       4  [<yellow>==</><dim>.....</>]      ?",
        "agent3          <red>unregistered</>       0                 -",
      ]
    `);
  });

  it("[CLI50] never exceeds the terminal, whatever is shown", () => {
    const few = fc.record({
      used: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      allocated: fc.nat(),
      total: fc.nat(),
    });
    const views = fc.record({
      machines: fc.array(
        fc
          .record({ name: fc.string(), cpus: fc.option(few), mem: fc.option(few) })
          .map((each) => ({ ...machine, ...each })),
        { maxLength: 40 },
      ),
      apps: fc.array(
        fc.record({ id: fc.string(), cpus: few, mem: few }).map((each) => ({ ...app, ...each })),
        { maxLength: 40 },
      ),
      totals: fc.record({ tasks: fc.nat(), cpus: few, mem: few }),
    });
    fc.assert(
      fc.property(
        views,
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 16, max: 60 }),
        (changes, columns, rows) => {
          const lines = textOf(changes, { columns, rows, isLive: true }).split("\n");
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe("a bar", () => {
  const text = (used: number | null, allocated: number, total: number): string =>
    bar({ used, allocated, total }, 12, glyphs.ascii)
      .map((each) => each.text)
      .join("");

  it.each([
    [0, 0, 10, "[..........]"],
    [0.01, 0.1, 10, "[#.........]"],
    [2, 5, 10, "[##===.....]"],
    [8, 5, 10, "[########..]"],
    [20, 5, 10, "[##########]"],
    [null, 5, 10, "[=====.....]"],
    [1, 1, 0, "[..........]"],
  ])("[CLI50] %d used, %d allocated of %d is %s", (used, allocated, total, expected) => {
    expect(text(used, allocated, total)).toBe(expected);
  });
});
