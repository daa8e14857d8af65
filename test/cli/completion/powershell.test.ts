import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { POWERSHELL } from '../../../src/cli/completion/scripts/powershell.ts';

// Neither npm nor Debian has a PowerShell. What its script asks orch for is tried in complete.test.ts; here a grammar of PowerShell reads it.
const GRAMMAR = fileURLToPath(import.meta.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm'));

async function parser(): Promise<Parser> {
  await Parser.init();
  return new Parser().setLanguage(await Language.load(GRAMMAR));
}

test('the script is PowerShell, and the grammar would say so if it were not', async () => {
  const grammar = await parser();
  const isPowerShell = (script: string) => grammar.parse(script)?.rootNode.hasError === false;
  expect(isPowerShell(POWERSHELL)).toBe(true);
  expect(isPowerShell(POWERSHELL.replace('$before = @(', '$before = @'))).toBe(false);
  expect(isPowerShell(POWERSHELL.replace("'ParameterValue'", "'ParameterValue"))).toBe(false);
  expect(isPowerShell(POWERSHELL.replace('foreach ($line in', 'foreach ($line'))).toBe(false);
});

test('the script has orch asked for each word of orch', () => {
  expect(POWERSHELL).toContain('Register-ArgumentCompleter -Native -CommandName orch -ScriptBlock {');
  expect(POWERSHELL).toContain(`complete powershell '--' @before "=$wordToComplete"`);
});
