import { expect, test } from 'vitest';
import { interpreterIn } from '../../src/process/interpreter.ts';

test.each<[string, string | undefined]>([
  ['sh', 'sh'],
  ['/bin/bash -e', '/bin/bash -e'],
  ['bash -euo pipefail', 'bash -euo pipefail'],
  ['bash -o pipefail -s x', 'bash -o pipefail -s x'],
  ['exec zsh -', 'zsh -'],
  ['cd work && env A=b dash', 'dash'],
  ['cat | sh', 'sh'],
  ['python3', 'python3'],
  ['python3 -u -', 'python3 -u -'],
  ['node --no-warnings', 'node --no-warnings'],
  ['sh prompt.sh', undefined],
  ['bash -c "cat"', undefined],
  ['bash -ec cat', undefined],
  ['python3 -c "print(1)"', undefined],
  ['python3 -m tool', undefined],
  ['python3 solve.py', undefined],
  ['node -e "1"', undefined],
  ['perl -pe s/a/b/', undefined],
  ['sh prompt.sh | claude -p', undefined],
  ['cat', undefined],
  ['echo sh', undefined],
])('%j takes its script from standard input: %j', (command, interpreter) => {
  expect(interpreterIn(command)).toBe(interpreter);
});
