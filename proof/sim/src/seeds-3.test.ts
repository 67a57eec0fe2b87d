import { testSeeds } from "./testing/seeds-suite.ts";

testSeeds({ from: 151, count: 75, masters: 1 });
