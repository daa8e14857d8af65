import type { Command } from 'commander';
import type { NewTask } from '../../model/task.ts';
import { contextOf, withStore } from '../context.ts';
import { count } from '../format.ts';
import { hideKeys } from '../input/hide-keys.ts';
import { FORMATS, type Format, formatOf, parseTasks, type Rows } from '../input/parse-tasks.ts';
import { readSchema, requireSchemas } from '../input/read-schema.ts';
import { readText } from '../input/read-text.ts';
import { withPlace } from '../input/refused-row.ts';
import { sealChecks } from '../input/seal-checks.ts';
import { note, print, printJson } from '../output.ts';
import { trustAdded } from '../trust/trust-added.ts';
import { commaList, oneOf, parsed, pattern, pointInTime, someText, usage, wholeNumber } from '../values.ts';

interface AddOptions {
  priority?: number;
  after?: string[];
  notBefore?: string;
  id?: string;
  maxAttempts?: number;
  criteria?: string;
  check?: string;
  checkFile?: string[];
  trust?: boolean;
  expect?: string;
  /** Path of the file. */
  schema?: string;
  tag?: string[];
  meta?: Record<string, string>;
  descriptionFile?: string;
  file?: string;
  format?: Format;
}

export function registerAdd(program: Command): void {
  program
    .command('add')
    .description('Adds tasks, and prints their ids, one a line.')
    .argument('[description...]', 'what is to be done; - reads a task a line from standard input')
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
    .option('--id <id>', 'an id of your own: the same task again adds nothing', parsed('--id', someText))
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
    .option('--check-file <path>', 'a file that the check uses, which is not to change; repeat it', listed)
    .option('--trust', 'the checks that come in with a file may be run')
    .option(
      '--expect <regex>',
      'what must be found in its result; /.../i for flags',
      parsed('--expect', pattern),
    )
    .option('--schema <file>', 'a JSON Schema (2020-12) that its result must fit')
    .option('--tag <tag>', 'a tag; repeat it, or use commas', commaList('--tag'))
    .option('--meta <key=value>', 'metadata, for commands ORCH_METADATA_<KEY>; repeat it for more', keyValue)
    .option('--description-file <path>', 'one task of many lines')
    .option('-f, --file <path>', 'a task a line; blank lines and those with # are passed over')
    .option(
      '--format <format>',
      "txt or jsonl, where the file's ending does not say it",
      parsed('--format', oneOf(FORMATS)),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  id=$(orch add "Write a haiku")\n  orch add -p 5 --after "$id" "Translate: {{$id}}"\n  orch add -f tasks.jsonl',
    )
    .action(add);
}

async function add(words: string[], options: AddOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const rows = await rowsOf(words, options);
  await requireSchemas(rows);
  const schema = options.schema === undefined ? undefined : await readSchema(options.schema);
  const given = tasksOf(rows.tasks, { ...options, schema });
  const unsealed = hideKeys(given, context.env);
  const hidden = unsealed.filter((task, i) => task !== given[i]).length;
  if (hidden > 0)
    note(`${count(hidden, 'task')} held a credential of this environment: [redacted] is kept in its place`);
  const tasks = await sealChecks(unsealed, options.checkFile ?? [], context.store);
  // A check of the command line is this user's own; one in a row is whoever wrote the row.
  const own = options.trust ? tasks : tasks.filter((_, i) => rows.tasks[i]?.check === undefined);
  const foreign = await trustAdded(tasks, own, context);
  await withStore(
    context,
    async (store) => {
      const added = await store.add(tasks).catch(async (error: unknown) => {
        throw await withPlace(error, rows, store);
      });
      if (context.json) for (const task of added) printJson(task);
      else if (added.length > 0) print(added.map(({ id }) => id).join('\n'));
      if (foreign > 0 && !context.quiet)
        note(
          `${count(foreign, 'task')} came with a check, which runs when somebody has agreed to it: run --trust`,
        );
    },
    { create: true },
  );
}

async function rowsOf(words: string[], options: AddOptions): Promise<Rows> {
  const file = words.length === 1 && words[0] === '-' ? '-' : options.file;
  const sources = [words.length > 0, options.file !== undefined, options.descriptionFile !== undefined];
  if (sources.filter(Boolean).length !== 1) {
    throw usage('Give one of: a description, - for standard input, -f <file>, or --description-file <path>');
  }
  if (file !== undefined) return rowsOfFile(file, options);
  if (options.format) throw usage('--format says how a file is read; give -f <file> or - with it');
  const task = { description: await description(words, options.descriptionFile) };
  return { tasks: [task], placeOf: () => undefined };
}

async function rowsOfFile(path: string, options: AddOptions): Promise<Rows> {
  if (options.id !== undefined)
    throw usage('--id names one task; in a jsonl file each task can have an "id"');
  const format = options.format ?? formatOf(path);
  return parseTasks(await readText(path), format);
}

async function description(words: string[], path: string | undefined): Promise<string> {
  if (path === undefined) return notBlank(words.join(' '), 'The description');
  const { text, name } = await readText(path);
  return notBlank(text, name);
}

function notBlank(text: string, name: string): string {
  if (text.trim() === '') throw usage(`${name} is blank; say what is to be done`);
  return text;
}

/** The options, with the schema itself. */
type TaskOptions = Omit<AddOptions, 'schema'> & Pick<NewTask, 'schema'>;

/** With what the options say. The tasks given stay as they are: what is wrong with them is told of their lines. */
function tasksOf(tasks: NewTask[], options: TaskOptions): NewTask[] {
  const given = givenFields(options);
  const { after, tag, meta } = options;
  const isPlain = Object.keys(given).length === 0 && !after && !tag && !meta;
  return isPlain ? tasks : tasks.map((task) => withOptions({ ...given, ...task }, options));
}

/** What the options say of each task that does not say it itself. */
function givenFields({
  priority,
  notBefore,
  id,
  maxAttempts,
  criteria,
  check,
  expect,
  schema,
}: TaskOptions): Partial<NewTask> {
  const fields = { priority, notBefore, id, maxAttempts, criteria, check, expect, schema };
  const given = Object.entries(fields);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Lists and metadata are put together. */
function withOptions(task: NewTask, options: TaskOptions): NewTask {
  if (options.after) task.after = [...new Set([...(task.after ?? []), ...options.after])];
  if (options.tag) task.tags = [...new Set([...(task.tags ?? []), ...options.tag])];
  if (options.meta) task.metadata = { ...options.meta, ...task.metadata };
  return task;
}

function listed(text: string, before: string[] = []): string[] {
  return [...before, someText(text, '--check-file')];
}

function keyValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`Expected --meta to be key=value, got ${JSON.stringify(text)}`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
