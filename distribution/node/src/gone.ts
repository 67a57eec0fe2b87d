/** An agent that an operator has given up for ever ends with this; its keeper does not start it again. */
export const goneExitCode = 78;
