/** How deep messages may nest; Protocol Buffers' own readers stop here too. */
export const depthMax = 100;

/** Characters of the input that a syntax error repeats. */
export const echoCharsMax = 200;
