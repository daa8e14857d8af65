import type { Command } from 'commander';
import { OrchError } from '../../model/errors.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { type Context, contextOf, hint, nameOfStore, withStore } from '../context.ts';
import { SIGNAL_EXIT } from '../exit-codes.ts';
import { noteFitted, printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { onInterruption } from '../interruption.ts';
import { printJson } from '../output.ts';
import { showProgress } from '../progress.ts';
import { keepSmall } from '../run/heap.ts';
import { oneLine } from '../safe-text.ts';
import { storePlace } from '../store-place.ts';
import { usage } from '../values.ts';
import { type Copied, copyTasks } from './copy-tasks.ts';

export interface MigrateOptions {
  from?: string;
  to?: string;
}

/** Copies one store into another. */
export async function migrate(options: MigrateOptions, command: Command): Promise<void> {
  const context = await contextOf(command);
  const from = { ...context, store: options.from ?? context.store };
  const to = { ...context, store: options.to ?? context.store };
  if (options.from === undefined && options.to === undefined) throw usage('Give --from, --to, or both');
  if (storePlace(from.store) === storePlace(to.store)) {
    throw usage(`${oneLine(nameOfStore(from))} is the store to copy from and to; give another --to`);
  }
  keepSmall();
  await withStore(from, async (source) => {
    await refuseLive(source, from);
    await withStore(to, (target) => copy({ from, to, source, target }), { create: true });
  });
}

interface Work {
  from: Context;
  to: Context;
  source: TaskStore;
  target: TaskStore;
}

async function copy({ from, to, source, target }: Work): Promise<void> {
  const { total } = await source.counts();
  const progress = showProgress(to);
  const interruption = onInterruption();
  let copied: Copied = { tasks: 0, added: 0 };
  progress.howFar = () => ({ text: `${count(copied.tasks, 'task')} copied`, share: copied.tasks / total });
  try {
    copied = await copyTasks(source, target, {
      signal: interruption.signal,
      onProgress: (now) => {
        copied = { ...now };
      },
    });
    progress.end();
    const { by } = interruption;
    if (by) {
      process.exitCode = SIGNAL_EXIT[by];
      return noteFitted(
        `${by}: ${count(copied.tasks, 'task')} of ${total.toLocaleString('en')} copied; say the same again for the others`,
      );
    }
    await refuseLive(source, from);
    await refuseChanged(source, copied);
    tell(from, to, copied);
  } finally {
    progress.end();
    interruption.release();
  }
}

/** What runs change while it is copied would be lost, and what they do would be done twice. */
async function refuseLive(source: TaskStore, context: Context): Promise<void> {
  const runs = await source.runs();
  if (runs.length === 0) return;
  const names = nameSome(runs.map(({ id, host }) => `${oneLine(id)} on ${oneLine(host)}`));
  const message = `${count(runs.length, 'run')} on ${oneLine(nameOfStore(context))} (${names}); end them with ${hint(context, 'stop')} and say the same again`;
  throw new OrchError('conflict', message);
}

async function refuseChanged(source: TaskStore, { tasks }: Copied): Promise<void> {
  const { total } = await source.counts();
  if (total === tasks) return;
  const message = `${count(tasks, 'task')} copied, and there are ${total.toLocaleString('en')} now: it was changed meanwhile; say the same again`;
  throw new OrchError('conflict', message);
}

function tell(from: Context, to: Context, { tasks, added }: Copied): void {
  const [source, target] = [nameOfStore(from), nameOfStore(to)];
  const there = tasks - added;
  if (to.json) printJson({ from: source, to: target, tasks, added, there });
  if (to.json || to.quiet) return;
  const besides = there > 0 ? `, ${there.toLocaleString('en')} of them there already` : '';
  printFitted(`${count(tasks, 'task')} of ${oneLine(source)} in ${oneLine(target)}${besides}`);
}
