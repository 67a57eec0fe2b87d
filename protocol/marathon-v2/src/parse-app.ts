import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { AppInput } from "./app.ts";
import { appInputShape } from "./app-shape.ts";
import { wrongShape } from "./refusals.ts";
import type { MarathonRefusal } from "./refusals.ts";
import { list, parseWith, record, required, text } from "./shape.ts";
import type { Shape } from "./shape.ts";

/** Reads one app, whole or in part. Refuses wrong types, bounds and unknown fields (rules APP1–APP3). */
export function parseAppInput(value: unknown): Result<AppInput, MarathonRefusal> {
  return read(appInputShape, value);
}

/** Reads an array of apps, as bulk `PUT` and `PATCH` send it. */
export function parseAppInputs(value: unknown): Result<readonly AppInput[], MarathonRefusal> {
  return read(list(appInputShape), value);
}

/** Reads the body of `POST /v2/tasks/delete`. */
export function parseTaskIds(value: unknown): Result<readonly string[], MarathonRefusal> {
  const parsed = read(
    record<{ readonly ids: readonly string[] }>({ ids: required(list(text({ lengthMin: 1 }))) }),
    value,
  );
  return parsed.ok ? ok(parsed.value.ids) : parsed;
}

function read<T>(shape: Shape<T>, value: unknown): Result<T, MarathonRefusal> {
  const parsed = parseWith(shape, value);
  return parsed.ok ? parsed : { ok: false, error: wrongShape(parsed.error) };
}
