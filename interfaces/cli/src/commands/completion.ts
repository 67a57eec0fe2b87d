import { isShellName, shells } from "../command-table.ts";
import type { LocalHandler } from "../command.ts";
import { completionScripts } from "../completion/scripts.ts";
import { done, refused } from "../refusal.ts";

/** `tutti completion SHELL`: the script that makes a shell complete command lines of tutti. */
export const completion: LocalHandler = (output, [shell = ""]) => {
  if (!isShellName(shell)) {
    return refused("USAGE", `There is no completion for ${shell}.`, {
      hint: `There is one for ${shells.join(", ")}.`,
    });
  }
  output.json({ shell, script: completionScripts[shell] });
  if (!output.isJson) output.raw(completionScripts[shell]);
  return done;
};
