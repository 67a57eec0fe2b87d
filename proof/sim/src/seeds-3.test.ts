import { testSeeds } from "./seeds-suite.ts";

testSeeds({ from: 151, count: 75, masters: 1 });
