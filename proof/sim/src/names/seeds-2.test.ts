import { testNamesSeeds } from "./testing/seeds-suite.ts";

testNamesSeeds(25, 8, 1);
testNamesSeeds(33, 8, 3);
