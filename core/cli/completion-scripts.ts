/** Shells that complete words. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** For each shell the script that asks `leasehold __complete`; where it offers nothing, the shell offers files. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# leasehold completion for bash. To load: source <(leasehold completion bash)
_leasehold() {
  local IFS=$'\\n'
  COMPREPLY=($(leasehold __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _leasehold leasehold
`,
  zsh: `#compdef leasehold
# leasehold completion for zsh. To load: source <(leasehold completion zsh)
_leasehold() {
  local -a found
  found=("\${(@f)$(leasehold __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _leasehold leasehold
`,
  fish: `# leasehold completion for fish. To load: leasehold completion fish | source
function __leasehold_complete
  set -l words (commandline -opc) (commandline -ct)
  leasehold __complete -- $words[2..-1] 2>/dev/null
end
complete -c leasehold -a '(__leasehold_complete)'
`,
  powershell: `# leasehold completion for PowerShell. To load: leasehold completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName leasehold -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  leasehold __complete -- @words 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`,
};
