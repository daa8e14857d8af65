/** PowerShell 7. Where it is given nothing, it completes files by itself. The `=` keeps it from dropping a word that is empty. */
export const POWERSHELL = `# Completion of orch in PowerShell. In $PROFILE: orch completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName orch -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
  $lines = @(& (Get-Command -CommandType Application orch | Select-Object -First 1) complete powershell '--' @before "=$wordToComplete" 2>$null)
  if ($lines.Count -eq 0 -or $lines[0] -ne 'values') { return }
  foreach ($line in $lines | Select-Object -Skip 1) {
    $value, $help = $line -split "\`t", 2
    $text = if ($value -match '^[\\w./:=+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
    if (-not $help) { $help = $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
  }
}
`;
