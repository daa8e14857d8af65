import type { TakeChoice } from '../../stores/json/repair/take.ts';
import type { Context } from '../context.ts';
import { printFitted } from '../fitted-lines.ts';
import { count, nameSome } from '../format.ts';
import { printJson } from '../output.ts';
import { oneLine } from '../safe-text.ts';

/** What `orch doctor` mends when it is asked to. */

export async function fold(context: Context): Promise<void> {
  const { JsonTaskStore } = await import('../../stores/json/json-task-store.ts');
  const store = await JsonTaskStore.open(context.store, { create: false });
  try {
    await store.fold();
    const { total } = await store.counts();
    if (context.json) return printJson({ folded: { tasks: total } });
    if (!context.quiet) printFitted(`${oneLine(context.store)} has all changes now: ${count(total, 'task')}`);
  } finally {
    await store.close();
  }
}

export async function cut(context: Context): Promise<void> {
  const { cutJournal } = await import('../../stores/json/repair/cut.ts');
  const done = await cutJournal(context.store);
  if (context.json) return printJson({ cut: done ?? null });
  if (context.quiet) return;
  if (!done) return printFitted('Nothing to cut: no whole record lies behind a broken one');
  const { line, offset, lost, kept, copy } = done;
  printFitted(`Journal cut off before line ${line} (byte ${offset}): ${count(lost, 'whole record')} lost`);
  if (kept.length > 0) printFitted(`Added again, though they stood behind it: ${nameSome(kept)}`);
  printFitted(`Copy kept: ${oneLine(copy)}`);
}

export async function take(context: Context, choice: TakeChoice): Promise<void> {
  const { takeStore } = await import('../../stores/json/repair/take.ts');
  const done = await takeStore(context.store, choice);
  if (context.json) return printJson({ taken: done ? { choice, ...done } : null });
  if (context.quiet) return;
  if (!done) return printFitted('Nothing to decide: file and journal belong together');
  const { revision, tasks, copies, leftOut, taken } = done;
  const what = choice === 'file' ? 'The file stands as it is' : "The journal's changes are in the file";
  printFitted(`${what}: revision ${revision}, ${count(tasks, 'task')}`);
  if (leftOut.length > 0)
    printFitted(`Left out, because the file does not have their tasks: ${nameSome(leftOut)}`);
  if (taken.length > 0)
    printFitted(`Left out, because the file has other tasks under their ids: ${nameSome(taken)}`);
  for (const copy of copies) printFitted(`Copy kept: ${oneLine(copy)}`);
}
