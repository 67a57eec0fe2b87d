export { goldenFiles, goldenMessages, readGolden } from "./golden.ts";
export type { GoldenMessage } from "./golden.ts";
