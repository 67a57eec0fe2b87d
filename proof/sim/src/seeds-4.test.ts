import { testSeeds } from "./testing/seeds-suite.ts";

testSeeds({ from: 226, count: 75, masters: 3 });
