/** Bounds of the commands and readers of the load balancer. */
export const limits = {
  /** Until a transaction is given up; a whole table of 30,000 VIPs takes seconds. */
  transactionMsMax: 60_000,
  /** Until any other command is given up. */
  commandMsMax: 10_000,
  /** After so many transactions, or one of so many characters, nft is started anew: it never forgets. */
  sessionTransactionsMax: 5000,
  sessionCharactersMax: 1_000_000,
  /** What is kept of what nft says to one transaction. */
  answerCharactersMax: 16_384,
  /** Connections of so many backends are cut by one command. */
  cutsPerCommandMax: 100,
  /** Lines that are kept of what it says when it fails. */
  linesSaidMax: 4,
  /** With more connections than this they are counted by the tool, not from the kernel's file. */
  connectionsReadMax: 2000,
  /** Between two runs of the tool that cuts. */
  cutPauseMs: 50,
  /** How often it is looked whether the kernel can be told again. */
  probeMs: 60_000,
  /** How often it is looked whether the tables are there and nothing in them was flushed: a millisecond of work. */
  standMs: 1000,
  /** The same while there is no VIP: nothing is led anywhere. */
  standEmptyMs: 5000,
  /** And so many times as long it is until everything is compared. */
  compareEmptyTimes: 4,
  /** Chains, sets and maps that are asked for at each such look, in turns. */
  sealsPerLookMax: 8,
  /** The same when all of them are asked for, after tables were made: what nft says of so many is kept whole. */
  sealsAtOnceMax: 40,
  /** How often routes and the text of the tables are compared. */
  compareMs: 15_000,
  /** A text that is never as it was made is compared after so many times as long, at most. */
  comparePausesMax: 40,
  /** After elements were compared, so many times as long passes before they are compared again. */
  compareShareMax: 100,
  /** Connections are counted no more often than this. */
  countMsMin: 5000,
  /** Lines that are read of a command: connections, or elements of a table. */
  linesMax: 5_000_000,
} as const;
