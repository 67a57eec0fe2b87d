/**
 * Node's `http`, taken without `import`: importing a built-in module reads all of its exports, and
 * among those of `http` are getters that load Node's own copy of undici, 6 MB and 80 ms for nothing.
 */
export const { Agent, createServer, request } = process.getBuiltinModule("node:http");
