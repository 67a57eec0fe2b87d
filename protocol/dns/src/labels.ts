/** How long a label may be and what it may not begin with. */
interface LabelRule {
  readonly lengthMax: number;
  readonly leading: RegExp;
}

const rfc1123: LabelRule = { lengthMax: 63, leading: /^-+/ };
const rfc952: LabelRule = { lengthMax: 24, leading: /^[-0-9]+/ };

/**
 * Any text as one label of RFC 1123: at most 63 of `a-z0-9-`, no hyphen at either end; `.` and `_` become
 * hyphens, other characters vanish. "" when nothing remains. As Mesos-DNS and dcos-net make them.
 */
export function toLabel(text: string): string {
  return mangle(text, rfc1123);
}

/** As `toLabel`, by RFC 952: at most 24, a letter first. */
export function toLabelRfc952(text: string): string {
  return mangle(text, rfc952);
}

/** Each part between dots as a label, empty ones left out: names of frameworks keep their dots. */
export function toLabels(text: string, label: (part: string) => string): string {
  if (!text.includes(".")) return label(text);
  return text
    .split(".")
    .map(label)
    .filter((part) => part !== "")
    .join(".");
}

/** Most names are labels already. */
const labelAlready = /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/;

function mangle(text: string, rule: LabelRule): string {
  if (labelAlready.test(text)) return text;
  const mapped = text
    .replace(/[._]/g, "-")
    .replace(/[^A-Za-z0-9-]/g, "")
    .toLowerCase()
    .replace(rule.leading, "");
  const cut = mapped.slice(0, rule.lengthMax);
  const head = trimEnd(cut);
  // A hyphen at the cut gives its place to what came after it, as in Mesos-DNS.
  if (head.length === cut.length) return head;
  const tail = mapped.slice(rule.lengthMax).replace(/^-+/, "");
  return trimEnd(head + tail.slice(0, cut.length - head.length));
}

/** Without hyphens at the end; a loop, because a pattern would try every run of hyphens anew. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x2d) end -= 1;
  return text.slice(0, end);
}
