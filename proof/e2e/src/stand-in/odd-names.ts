import type { SeededRandom } from "@tutti/testkit";

const drawn = 150;
const unitsMax = 80;
/** What names are drawn from: what DNS has, what it has not, and what other languages on the way read as theirs. */
const signs = Array.from(
  "abcXYZ019-_. .--__/\\\"'`$(){}[]<>;:,*?!@#%^&|=+~äß漢🙂\u0000\u0001\n\r\t\u200b\ud800",
);

const known = [
  "",
  ".",
  "..",
  "-",
  "_",
  "*",
  "a..b",
  ".leading",
  "trailing.",
  "-leading",
  "trailing-",
  "UPPER.Case",
  "1digit",
  "x".repeat(63),
  "x".repeat(64),
  "x".repeat(300),
  "long.".repeat(80),
  "xn--bcher-kva",
  "leader",
  "master",
  "slave",
  "ns1",
  "_tcp",
  "localhost",
  "constructor",
  "__proto__",
  "toString",
  "10.0.0.1",
  "::1",
  "thisdcos.directory",
];

function draw(random: SeededRandom): string {
  const length = random.below(unitsMax);
  return Array.from({ length }, () => random.pick(signs)).join("");
}

/** Names of tasks, frameworks and hosts that nobody should choose, and somebody did. */
export function oddNames(random: SeededRandom): readonly string[] {
  return [...known, ...Array.from({ length: drawn }, () => draw(random))];
}

/** Values of VIP labels: few of them name a VIP. */
export function oddVips(random: SeededRandom): readonly string[] {
  return [
    ...known,
    ...known.map((name) => `/${name}:80`),
    ...["0", "65536", "-1", "80x", "", "99999999999999999999", "0x50"].map(
      (port) => `/odd:${port}`,
    ),
    ...["256.0.0.1", "1.2.3", "[::1", "[fd01::1]", "127.0.0.1", "224.0.0.1", "198.51.100.1"].map(
      (address) => `${address}:80`,
    ),
    ...Array.from({ length: drawn }, () => `/${draw(random)}:${String(1 + random.below(65_535))}`),
  ];
}
