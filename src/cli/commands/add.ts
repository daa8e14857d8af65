import type { Command } from 'commander';
import { isOrchError } from '../../model/errors.ts';
import type { NewTask, Task } from '../../model/task.ts';
import { type Context, contextOf, remark, withStore } from '../context.ts';
import { count, nameSome } from '../format.ts';
import { withHelp } from '../help.ts';
import { hideKeys } from '../input/hide-keys.ts';
import { keptOtherwise } from '../input/kept-otherwise.ts';
import { FORMATS, type Format, formatOf, type Rows, readTasks } from '../input/parse-tasks.ts';
import { readSchema, requireSchemas } from '../input/read-schema.ts';
import { readText } from '../input/read-text.ts';
import { withPlace } from '../input/refused-row.ts';
import { RowKeys } from '../input/row-keys.ts';
import { sealChecks } from '../input/seal-checks.ts';
import { openSource } from '../input/source.ts';
import { Template } from '../input/template.ts';
import { note, print, printJson } from '../output.ts';
import { type Progress, readSoFar, showProgress } from '../progress.ts';
import { addRunOptions, forResult, settingsToRun } from '../run/add-flags.ts';
import { keepSmall } from '../run/heap.ts';
import type { RunOptionName, RunSettings } from '../run-options.ts';
import { trustAdded } from '../trust/trust-added.ts';
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
  template?: string;
  key?: string;
  run?: boolean;
}

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
  command.action((words: string[], options: AddOptions) => add(words, options, command, runOptions));
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

async function add(
  words: string[],
  options: AddOptions,
  command: Command,
  runOptions: readonly RunOptionName[],
): Promise<void> {
  const context = await contextOf(command);
  const settings = settingsToRun(context, command, runOptions);
  if (settings) return addAndRun(words, options, await forResult(context, command), settings);
  await withProgress(context, async (progress) => {
    const { added, foreign } = await addAll(words, options, context, progress);
    progress.end();
    if (context.json) for (const task of added) printJson(task);
    else if (added.length > 0) print(added.map(({ id }) => id).join('\n'));
    if (foreign > 0 && !context.quiet)
      note(
        `${count(foreign, 'task')} came with a check, which runs when somebody has agreed to it: run --trust`,
      );
  });
}

async function addAndRun(
  words: string[],
  options: AddOptions,
  context: Context,
  settings: RunSettings,
): Promise<void> {
  const { requireToRun, runAdded } = await import('../run/added.ts');
  const before = (tasks: NewTask[]) => requireToRun(tasks, context, settings, options.trust);
  const { added } = await withProgress(context, (progress) =>
    addAll(words, options, context, progress, before),
  );
  for (const { id } of added) remark(context, id);
  await runAdded(context, added, settings, options.trust);
}

async function withProgress<T>(context: Context, work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = showProgress(context);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

/** @param before called with what is to be added. @returns the tasks, and how many of them came with a check that nobody agreed to. */
async function addAll(
  words: string[],
  options: AddOptions,
  context: Context,
  progress: Progress,
  before: (tasks: NewTask[]) => Promise<void> = async () => undefined,
): Promise<{ added: Task[]; foreign: number }> {
  const rows = await rowsOf(words, options, progress);
  await requireSchemas(rows);
  const schema = options.schema === undefined ? undefined : await readSchema(options.schema);
  const unsealed = hideKeys(tasksOf(rows.tasks, { ...options, schema }), context.env);
  const tasks = await sealChecks(unsealed, options.checkFile ?? [], context.store);
  await before(tasks);
  // A check of the command line is this user's own; one in a row is whoever wrote the row.
  const own = options.trust ? tasks : tasks.filter((_, i) => rows.tasks[i]?.check === undefined);
  const foreign = await trustAdded(tasks, own, context);
  progress.text = () => `adding ${count(tasks.length, 'task')}`;
  const added = await withStore(
    context,
    (store) =>
      store.add(tasks).catch((error: unknown) => {
        throw withPlace(error, (index) => placeAtFault(error, index, rows));
      }),
    { create: true },
  );
  const others = keptOtherwise(tasks, added);
  if (others.length > 0)
    note(`There already, with other fields than were given now, and left so: ${nameSome(others)}`);
  return { added, foreign };
}

/** Where the row at fault is. What is not there, and is named by `--after` alone, is no row's fault. */
function placeAtFault(error: unknown, index: number, { tasks, placeOf }: Rows): string | undefined {
  const isOption = isOrchError(error, 'not-found') && !tasks[index]?.after;
  return isOption ? undefined : placeOf(index);
}

async function rowsOf(words: string[], options: AddOptions, progress: Progress): Promise<Rows> {
  const file = words.length === 1 && words[0] === '-' ? '-' : options.file;
  const sources = [words.length > 0, options.file !== undefined, options.descriptionFile !== undefined];
  if (sources.filter(Boolean).length !== 1) {
    throw usage('Give one of: a description, - for standard input, -f <file>, or --description-file <path>');
  }
  if (file !== undefined) return rowsOfFile(file, options, progress);
  if (options.format) throw usage('--format says how a file is read; give -f <file> or - with it');
  if (options.template !== undefined || options.key !== undefined)
    throw usage('--template and --key are for the rows of a file; give -f <file> or - with them');
  const task = { description: await description(words, options.descriptionFile) };
  return { tasks: [task], placeOf: () => undefined };
}

async function rowsOfFile(path: string, options: AddOptions, progress: Progress): Promise<Rows> {
  if (options.id !== undefined)
    throw usage(
      '--id names one task; --key makes an id of a field, and in a file each task can have an "id"',
    );
  const format = options.format ?? formatOf(path);
  // A line of text is a task as it is.
  if (format !== 'txt') keepSmall();
  const wishes = {
    template: options.template === undefined ? undefined : new Template(options.template),
    keys: options.key === undefined ? undefined : new RowKeys(options.key),
    after: options.after,
  };
  const source = await openSource(path);
  let rows = 0;
  progress.text = () => readSoFar(source, rows);
  return readTasks(source, format, wishes, (read) => {
    rows = read;
  });
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

function keyValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`Expected --meta to be key=value, got ${JSON.stringify(text)}`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
