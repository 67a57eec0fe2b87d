export { generateMesosV1 } from "./generate-mesos-v1.ts";
