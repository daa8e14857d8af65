/** Bash 3.2 and newer. The line goes to orch as it is, since bash takes words apart at colons and equals signs. */
export const BASH = `# Completion of orch in bash. In ~/.bashrc: eval "$(orch completion bash)"
_orch() {
  local answer kind line newline=$'\\n'
  COMPREPLY=()
  # Files only where a path is wanted; bash 3.2 cannot be told so, and offers them where nothing else fits.
  type compopt >/dev/null 2>&1 && compopt +o default
  answer=$(COMP_WORDBREAKS=$COMP_WORDBREAKS command orch complete bash -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  kind=\${answer%%"$newline"*}
  case $kind in
    files) type compopt >/dev/null 2>&1 && compopt -o default ;;
    folders) type compopt >/dev/null 2>&1 && compopt -o dirnames ;;
    values)
      while IFS= read -r line; do COMPREPLY+=("$line"); done <<<"\${answer#*"$newline"}"
      type compopt >/dev/null 2>&1 && [[ \${BASH_VERSINFO[0]}\${BASH_VERSINFO[1]} -ge 44 ]] && compopt -o nosort
      ;;
  esac
}
complete -o default -F _orch orch
`;
