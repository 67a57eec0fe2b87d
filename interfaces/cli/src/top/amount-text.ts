/** An amount in a few characters; `?` when it is not known. */
export type Format = (amount: number | null) => string;

/** Cpus. */
export function formatCpus(cpus: number | null): string {
  return cpus === null ? "?" : cpus >= 100 ? String(Math.round(cpus)) : trimmed(cpus, 2);
}

/** Memory: `64M`, `7.1G`, `1.5T`. */
export function formatMemory(mb: number | null): string {
  if (mb === null) return "?";
  if (mb < 1000) return `${mb < 10 ? trimmed(mb, 1) : String(Math.round(mb))}M`;
  const gb = mb / 1024;
  return gb < 1000 ? `${trimmed(gb, 1)}G` : `${trimmed(gb / 1024, 1)}T`;
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}
