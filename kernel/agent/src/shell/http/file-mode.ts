const types: Readonly<Record<number, string>> = {
  0o010000: "p",
  0o020000: "c",
  0o040000: "d",
  0o060000: "b",
  0o100000: "-",
  0o120000: "l",
  0o140000: "s",
};

/** A mode as `ls -l` prints it: `-rw-r--r--`, `drwxr-xr-t`. */
export function formatMode(mode: number): string {
  return (
    (types[mode & 0o170000] ?? "?") +
    triad(mode >> 6, (mode & 0o4000) !== 0, "s") +
    triad(mode >> 3, (mode & 0o2000) !== 0, "s") +
    triad(mode, (mode & 0o1000) !== 0, "t")
  );
}

function triad(bits: number, special: boolean, letter: string): string {
  const execute = (bits & 1) !== 0;
  const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? "x" : "-";
  return `${(bits & 4) === 0 ? "-" : "r"}${(bits & 2) === 0 ? "-" : "w"}${last}`;
}
