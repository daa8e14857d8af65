import type { Command } from 'commander';
import type { AddOptions } from '../add/options.ts';
import { withHelp } from '../help.ts';
import { FORMATS } from '../input/parse-tasks.ts';
import { addRunOptions } from '../run/add-flags.ts';
import {
  commaList,
  listed,
  oneOf,
  parsed,
  pattern,
  pointInTime,
  someText,
  usage,
  wholeNumber,
} from '../values.ts';

export function registerAdd(program: Command): void {
  const command = program
    .command('add')
    .summary('adds tasks, and prints their ids')
    .description('Adds tasks, and prints their ids, one a line.')
    .argument('[description...]', 'what is to be done; - is standard input, a task a line')
    .option('-p, --priority <n>', 'higher first (default 0)', parsed('--priority', wholeNumber()))
    .option(
      '--after <id>',
      'wait for this task, whose result {{<id>}} then stands for; repeat it, or use commas',
      commaList('--after'),
    )
    .option(
      '--not-before <time>',
      'a time, or a duration from now such as 10m',
      parsed('--not-before', pointInTime),
    )
    .option('--id <new-id>', 'an id of your own: the same task again adds nothing', parsed('--id', someText))
    .option(
      '--max-attempts <n>',
      "its own limit, instead of the run's",
      parsed('--max-attempts', wholeNumber(1)),
    )
    .option(
      '--criteria <text>',
      'what would satisfy it, for executor and judge',
      parsed('--criteria', someText),
    )
    .option('--check <command>', 'a command that must accept its result', parsed('--check', someText))
    .option(
      '--check-file <path>',
      'a file that the check uses, which is not to change; repeat it',
      listed('--check-file'),
    )
    .option('--trust', 'the checks that come in with a file may be run')
    .option(
      '--expect <regex>',
      'what must be found in its result; /.../i for flags',
      parsed('--expect', pattern),
    )
    .option('--schema <file>', 'a JSON Schema (2020-12) that its result must fit')
    .option('--tag <tag>', 'a tag; repeat it, or use commas', commaList('--tag'))
    .option('--meta <key=value>', 'metadata, for commands ORCH_METADATA_<KEY>; repeat it', keyValue)
    .option('--description-file <path>', 'one task of many lines')
    .option('-f, --file <path>', 'a task a row: txt, jsonl, json or csv by its ending, or -')
    .option(
      '--format <format>',
      `${FORMATS.join(', ')}, where the ending does not say it`,
      parsed('--format', oneOf(FORMATS)),
    )
    .option(
      '-t, --template <text>',
      'the description of each row, with {{field}} for its fields',
      parsed('--template', someText),
    )
    .option(
      '--key <field>',
      'the field that makes the id: the same row again adds nothing',
      parsed('--key', someText),
    )
    .option('--run', 'run it, print its result alone; takes options of orch run');
  const runOptions = addRunOptions(command);
  command.action(async (words: string[], options: AddOptions) => {
    const { add } = await import('../add/add.ts');
    await add(words, options, command, runOptions);
  });
  withHelp(command, {
    examples: [
      'id=$(orch add "Write a haiku")',
      'orch add -p 5 --after "$id" "Translate: {{$id}}"',
      'orch add -f tasks.jsonl',
      'orch add -f rows.csv --key id --template "What is {{question}}?"',
      'orch add --run "Write a haiku" > haiku.txt',
    ],
    common: ['--priority', '--after', '--criteria', '--check', '--tag', '--file', '--run'],
  });
}

function keyValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`Expected --meta to be key=value, got ${JSON.stringify(text)}`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
