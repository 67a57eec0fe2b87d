export type {
  IpSource,
  ListenAddress,
  MesosDns,
  MesosDnsOptions,
  NameProblem,
} from "./shell/options.ts";
