/** To be sourced, or put as `_orch` into a folder of `fpath`. */
export const ZSH = `#compdef orch
# Completion of orch in zsh. In ~/.zshrc, behind compinit: eval "$(orch completion zsh)"
_orch() {
  local -a given lines values shown
  local line
  (( CURRENT > 2 )) && given=("\${(@Q)words[2,CURRENT-1]}")
  given+=("\${(Q)PREFIX}")
  lines=("\${(@f)$(command orch complete zsh -- "\${given[@]}" 2>/dev/null </dev/null)}")
  case $lines[1] in
    files) compset -P '--*='; _files ;;
    folders) compset -P '--*='; _files -/ ;;
    values)
      for line in "\${(@)lines[2,-1]}"; do
        values+=("\${line%%$'\\t'*}")
        shown+=("\${line#*$'\\t'}")
      done
      compadd -V orch -l -d shown -a values
      ;;
    *) return 1 ;;
  esac
}
if [[ $funcstack[1] == _orch ]]; then
  _orch "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _orch orch
fi
`;
