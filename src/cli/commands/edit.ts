import type { Command } from 'commander';
import type { Task, TaskEdit } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, withStore } from '../context.ts';
import { deadPlaceholders } from '../edit/dead-placeholders.ts';
import { EDITABLE, editIn, textOf } from '../edit/fields.ts';
import { withSeal } from '../edit/own-check.ts';
import { noteFitted, printFitted } from '../fitted-lines.ts';
import { withHelp } from '../help.ts';
import { hideKeys } from '../input/hide-keys.ts';
import { readSchema, requireSchema } from '../input/read-schema.ts';
import { readText } from '../input/read-text.ts';
import { printJson } from '../output.ts';
import { findTask } from '../select.ts';
import { listed, names, type Parser, pattern, pointInTime, usage, wholeNumber } from '../values.ts';

/** A value, or nothing: the field is to be taken away. Commander makes `''` of a `null`. */
type OrNothing<T> = T | '';

interface EditOptions {
  description?: string;
  descriptionFile?: string;
  priority?: OrNothing<number>;
  criteria?: string;
  after?: string[];
  notBefore?: string;
  maxAttempts?: OrNothing<number>;
  check?: string;
  checkFile?: string[];
  expect?: string;
  /** Path of the file. */
  schema?: string;
  tag?: string[];
  meta?: OrNothing<Record<string, string | null>>;
}

export function registerEdit(program: Command): void {
  const command = program
    .command('edit')
    .description('Changes a task; without options, in $VISUAL or $EDITOR. An empty value takes a field away.')
    .argument('<id>', 'the task')
    .option('--description <text>', 'what is to be done')
    .option('--description-file <path>', 'the same of many lines; - reads standard input')
    .option('-p, --priority <n>', 'higher first', orNothing('--priority', wholeNumber()))
    .option('--criteria <text>', 'what would satisfy it', orNothing('--criteria', plain))
    .option('--check <command>', 'a command that must accept its result', orNothing('--check', plain))
    .option(
      '--check-file <path>',
      'a file that the check uses, which is not to change; repeat it',
      listed('--check-file'),
    )
    .option(
      '--expect <regex>',
      'what must be found in its result; /.../i for flags',
      orNothing('--expect', pattern),
    )
    .option('--schema <file>', 'a JSON Schema (2020-12) that its result must fit')
    .option('--after <id>', 'wait for these instead; repeat it, or use commas', list('--after'))
    .option('--not-before <time>', 'a time, or a duration from now', orNothing('--not-before', pointInTime))
    .option('--max-attempts <n>', 'its own limit', orNothing('--max-attempts', wholeNumber(1)))
    .option('--tag <tag>', 'these tags instead; repeat it, or use commas', list('--tag'))
    .option('--meta <key=value>', 'metadata; key= takes one away', keyValue)
    .action(edit);
  withHelp(command, {
    examples: [
      'orch edit task-003',
      'orch edit task-003 -p 5 --check "npm test"',
      'orch edit task-003 --criteria ""',
    ],
    common: [
      '--description',
      '--priority',
      '--criteria',
      '--check',
      '--after',
      '--not-before',
      '--max-attempts',
      '--tag',
      '--meta',
    ],
  });
}

async function edit(id: string, options: EditOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const given = await editOf(options);
  const files = options.checkFile ?? [];
  await withStore(context, async (store) => {
    const task = await findTask(store, id);
    const changed =
      Object.keys(given).length > 0 || files.length > 0
        ? await apply(context, store, task, given, files)
        : await inEditor(context, store, task);
    tell(context, task, changed ?? task);
  });
}

/** What the options say. */
async function editOf(options: EditOptions): Promise<TaskEdit> {
  const { descriptionFile, checkFile: _, schema: path, meta: metadata, tag: tags, ...fields } = options;
  if (descriptionFile !== undefined) {
    if (fields.description !== undefined) throw usage('Give --description or --description-file, not both');
    fields.description = (await readText(descriptionFile)).text;
  }
  if (fields.description?.trim() === '') throw usage('The description is blank; say what is to be done');
  if (fields.priority === '') fields.priority = 0;
  const schema = path ? await readSchema(path) : path;
  const given = Object.entries({ ...fields, schema, tags, metadata }).filter(
    ([, value]) => value !== undefined,
  );
  return Object.fromEntries(given.map(([field, value]) => [field, value === '' ? null : value]));
}

async function inEditor(context: Context, store: TaskStore, task: Task): Promise<Task | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usage('Say what to change, such as --priority 5; without options a task is edited on a terminal');
  const { editText } = await import('../edit/editor.ts');
  const name = `${task.id}.json`;
  const shown = textOf(task);
  return editText(name, shown, context.env, async (text) =>
    apply(context, store, task, editIn(text, shown, name)),
  );
}

/** Without the credentials of this environment. @param files that the check uses. */
async function apply(
  context: Context,
  store: TaskStore,
  task: Task,
  given: TaskEdit,
  files: readonly string[] = [],
): Promise<Task> {
  if (given.schema) await requireSchema(given.schema, '"schema"');
  const [edit = given] = hideKeys([given], context.env, () => 'The change');
  return store.edit(task.id, await withSeal(task, edit, files, context));
}

function tell(context: Context, before: Task, after: Task): void {
  const dead = deadPlaceholders(before, after);
  if (dead !== undefined) noteFitted(dead);
  if (context.json) printJson(after);
  if (context.json || context.quiet) return;
  const changed = [...EDITABLE, 'seal' as const].filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  printFitted(
    changed.length > 0 ? `${after.id} changed: ${changed.join(', ')}` : `${after.id} stays as it is`,
  );
}

/** For commander: an empty value takes the field away. */
function orNothing<T>(name: string, parse: Parser<T>): (text: string) => OrNothing<T> {
  return (text) => (text.trim() === '' ? '' : parse(text, name));
}

const plain: Parser<string> = (text) => text;

/** For commander: the list as a whole; an empty value is the empty one. */
function list(name: string): (text: string, before: string[] | undefined) => string[] {
  return (text, before = []) => (text === '' ? before : [...new Set([...before, ...names(text, name)])]);
}

function keyValue(text: string, before: EditOptions['meta'] = {}): OrNothing<Record<string, string | null>> {
  if (text === '') return '';
  const at = text.indexOf('=');
  if (at < 1)
    throw usage(`Expected --meta to be key=value, or key= to take it away, got ${JSON.stringify(text)}`);
  return { ...(before || {}), [text.slice(0, at)]: text.slice(at + 1) || null };
}
