import { expect, test } from 'vitest';
import { simpleCommands } from '../../src/process/simple-commands.ts';

test.each<[string, string[]]>([
  ['cat', ['cat ']],
  ['sh prompt.sh | claude -p', ['sh,prompt.sh |', 'claude,-p ']],
  ['a && b || c; d & e', ['a &&', 'b ||', 'c ;', 'd &', 'e ']],
  ['grep \'a | b\' "c; d" e\\;f', ['grep,\'a | b\',"c; d",e\\;f ']],
  ['FOO=1 BAR="x y" exec env -i A=b prog -e', ['prog,-e ']],
  ['-e prog', ['-e,prog ']],
  ['sort <in >out 2>&1 2>> log', ['sort ']],
  ['cat <<EOF', ['cat ']],
  ['! test -f x\necho no', ['test,-f,x \n', 'echo,no ']],
  ['(cd x; ls)', ['cd,x ;', 'ls )']],
  ['echo $(date) `id`', ['echo,$ (', 'date )', '`id` ']],
  ['', []],
  [' ; | ', []],
  ['echo "unclosed', ['echo,unclosed ']],
])('%j', (command, found) => {
  expect(simpleCommands(command).map(({ words, end }) => `${words.join()} ${end}`)).toEqual(found);
});
