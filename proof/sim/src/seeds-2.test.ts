import { testSeeds } from "./testing/seeds-suite.ts";

testSeeds({ from: 76, count: 75, masters: 1 });
