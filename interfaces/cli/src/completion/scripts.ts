import type { ShellName } from "../command-table.ts";

/**
 * The completion script of each shell. It hands the typed words to `tutti __complete`, with the program that
 * is being typed, so that each checkout completes for itself.
 */
export const completionScripts: Readonly<Record<ShellName, string>> = {
  bash: `# Completion of tutti for bash. In ~/.bashrc:  source <(/path/to/tutti completion bash)
_tutti() {
  local program=\${COMP_WORDS[0]/#\\~/$HOME} line=\${COMP_LINE:0:COMP_POINT} words=() word value about
  # Bash ends words at = and : too: what stands together is one word.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD}"; do
    if [[ \${#words[@]} -gt 0 && $line != [[:space:]]* ]]; then
      words[-1]+=$word
    else
      words+=("$word")
      line=\${line#"\${line%%[![:space:]]*}"}
    fi
    line=\${line#"$word"}
  done
  if [[ $line == [[:space:]]* ]]; then
    words+=("\${line#"\${line%%[![:space:]]*}"}")
  else
    words[-1]+=$line
  fi
  # It replaces what follows the last of them only.
  local current=\${words[-1]}
  local tail=\${current##*[=:]}
  local head=\${current%"$tail"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
    :files) compopt -o default ;;
    :directories)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$tail")
      return
      ;;
    *) COMPREPLY+=("\${value#"$head"}") ;;
    esac
  done < <("$program" __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _tutti tutti
`,
  zsh: `#compdef tutti
# Completion of tutti for zsh. In ~/.zshrc, after compinit:  source <(/path/to/tutti completion zsh)
_tutti() {
  local program=\${(e)~words[1]} line value
  local -a values
  for line in "\${(@f)$("$program" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
    :files) _files && return ;;
    :directories) compset -P '--*='; _files -/ && return ;;
    ?*)
      value=\${line%%$'\\t'*}
      values+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
      ;;
    esac
  done
  (( \${#values} )) && _describe -V tutti values
}
compdef _tutti tutti
`,
  fish: `# Completion of tutti for fish. In ~/.config/fish/config.fish:  /path/to/tutti completion fish | source
function __tutti_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    for line in ($program __complete $words[2..] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':directories'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c tutti -f -a '(__tutti_complete)'
`,
};
