import { join } from 'node:path';
import type { NewTask, Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, withStore } from '../context.ts';
import { print } from '../output.ts';
import { conduct } from '../run/conduct.ts';
import { statusLines } from '../status-lines.ts';
import { storyOf } from '../story/story.ts';
import { survey } from '../survey.ts';
import { tableLines } from '../table.ts';
import { columnsOf } from '../terminal.ts';
import { fitted, unbroken } from '../wrap.ts';
import { inScratchFolder } from './scratch.ts';

/** The simulated judge always rejects the first attempt at this one, and at no other. */
const MENDED = 'haiku';

const TASKS = [
  { id: MENDED, description: 'Write a haiku about orchestration' },
  { id: 'title', after: [MENDED], description: 'Give this haiku a title: {{haiku}}' },
  { id: 'summary', description: 'Name three reasons why a result has to be checked' },
] satisfies NewTask[];

/** What to type next, and what it is for. */
const NEXT: [command: string, what: string][] = [
  ['orch add "Write a haiku about rain"', 'adds a task to tasks.json here'],
  ['orch run --simulate', 'rehearses it: no key, nothing kept'],
  ['orch run', 'has Claude do it, and a judge check it (set ANTHROPIC_API_KEY)'],
  ["orch run --exec 'tr a-z A-Z'", 'has a command of yours do it: no key'],
  ['orch --help', 'lists all commands'],
];

/** Before what stands below a heading. */
const MARGIN = '  ';

/** From here on the longest command takes less than half of a line. */
const TABLE_COLUMNS = 80;

const WHAT_IT_IS =
  'A demonstration: a real run with a simulated model, in a scratch folder that is removed at the end.';

/** A real run on a real store, with a simulated model and judge, and what it means. With `--json` the events of the run alone. */
export async function runDemo(context: Context): Promise<void> {
  await inScratchFolder(async (folder) => {
    const scratch: Context = { ...context, store: join(folder, 'tasks.json'), isScratch: true };
    await withStore(scratch, (store) => tell(scratch, store), { create: true });
  });
}

async function tell(context: Context, store: TaskStore): Promise<void> {
  const { bold } = context.paint;
  const columns = columnsOf(process.stdout);
  const say = (line: string) => {
    if (!context.json && !context.quiet) print(line);
  };
  const step = (heading: string, ...commands: string[]) => {
    say('');
    for (const line of fitted([heading], columns)) say(bold(line));
    for (const command of commands) say(`$ ${command}`);
  };

  fitted([WHAT_IT_IS], columns).forEach(say);
  step(
    'Three tasks are added. The second one waits for the first, and gets its result.',
    ...TASKS.map(addCommand),
  );
  for (const task of await store.add(TASKS)) say(task.id);

  step(
    'A run does them, and a judge looks at each result. One is rejected, and goes back with what was wrong.',
    'orch run',
  );
  await conduct(context, store, { simulate: true, concurrency: 2, noSummary: true });
  // Somebody stopped it, or it went wrong: then there is nothing to tell.
  if (process.exitCode) return;

  step('What came of it is in the store.', 'orch status');
  const options = { quiet: false, paint: context.paint, columns, now: Date.now() };
  statusLines(await survey(store), { runs: await store.runs() }, options).forEach(say);

  step('So is the story of each task: this one was mended at its second attempt.', `orch show ${MENDED}`);
  storyLines((await store.get(MENDED))!, context, columns).forEach(say);

  step('Now yours:');
  nextLines(columns).forEach(say);
}

/** A table where there is room for it: a command to be typed is not cut. */
function nextLines(columns: number): string[] {
  if (columns >= TABLE_COLUMNS)
    return tableLines(NEXT, { columns: columns - MARGIN.length }).map((line) => MARGIN + line);
  return NEXT.flatMap(([command, what]) =>
    fitted([MARGIN + unbroken(command), `${MARGIN}${MARGIN}${what}`], columns),
  );
}

function addCommand({ id, after, description }: NewTask): string {
  const waits = after ? ` --after ${after.join(',')}` : '';
  return `orch add --id ${id}${waits} "${description}"`;
}

function storyLines(task: Task, { paint }: Context, columns: number): string[] {
  const hint = (command: string) => `orch ${command}`;
  return storyOf(task, {
    blocked: undefined,
    runs: [],
    paint,
    now: Date.now(),
    isFull: false,
    columns,
    hint,
  });
}
