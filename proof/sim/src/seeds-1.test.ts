import { testSeeds } from "./testing/seeds-suite.ts";

testSeeds({ from: 1, count: 75, masters: 1 });
