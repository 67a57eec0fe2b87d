import type { CommandHandler, CommandOptions } from "../command.ts";
import { limits } from "../limits.ts";
import { pause } from "../pause.ts";
import { done, type Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";
import { type Glyphs, glyphs } from "../top/bar.ts";
import { paintLine } from "../top/line.ts";
import { type FrameOptions, renderFrame } from "../top/render-frame.ts";
import { Screen } from "../top/screen.ts";
import { TopReader } from "../top/top-reader.ts";
import type { TopView } from "../top/top-view.ts";

/** `tutti top`: the cluster at a glance, live on a terminal, else one frame. */
export const top: CommandHandler = async (session, _args, options) => {
  const reader = new TopReader(session);
  const first = await reader.look();
  if (!first.ok) return first;
  return isLive(session, options) ? watch(session, reader, first.value) : showOnce(session, reader);
};

function isLive({ context, output }: Session, options: CommandOptions): boolean {
  const isTty = context.isTty ?? context.stdout.isTTY === true;
  return isTty && options.once !== true && !output.isJson;
}

/** What is used shows between two looks. */
async function showOnce(session: Session, reader: TopReader): Promise<Outcome> {
  const { context, output, signal } = session;
  await pause(limits.topFirstIntervalMs, signal);
  const look = await reader.look();
  if (!look.ok) return look;
  output.json(look.value);
  const columns = context.stdout.columns ?? pipeColumns;
  for (const line of frame(session, look.value, { columns, rows: undefined, isLive: false })) {
    output.line(line);
  }
  return done;
}

/** As wide as a line may be that nobody's terminal cuts. */
const pipeColumns = 120;

/** Frame after frame until the user ends it; what is away is said and shown again when it is back. */
async function watch(session: Session, reader: TopReader, first: TopView): Promise<Outcome> {
  let view = first;
  using screen = new Screen(session.context);
  screen.draw = (): void => {
    const { columns, rows } = screen;
    screen.show(frame(session, view, { columns, rows, isLive: true }));
  };
  const signal = AbortSignal.any([session.signal, screen.ended]);
  screen.draw();
  for (let waitMs: number = limits.topFirstIntervalMs; await pause(waitMs, signal);) {
    const begunMs = performance.now();
    const look = await Promise.race([reader.look(), aborted(signal)]);
    if (look === undefined) break;
    view = look.ok ? look.value : { ...view, problems: [look.error.message] };
    screen.draw();
    waitMs = Math.max(0, limits.topIntervalMs - (performance.now() - begunMs));
  }
  return done;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

function frame(
  { output, context }: Session,
  view: TopView,
  size: Omit<FrameOptions, "signs">,
): readonly string[] {
  const lines = renderFrame(view, { ...size, signs: signsOf(context.env) });
  return lines.map((line) =>
    paintLine(line, size.columns, (style, text) => output.style(style, text)),
  );
}

/** Blocks where the terminal speaks UTF-8, else plain signs. */
function signsOf(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env["LC_ALL"] ?? env["LC_CTYPE"] ?? env["LANG"] ?? "";
  return /utf-?8/i.test(locale) ? glyphs.unicode : glyphs.ascii;
}
