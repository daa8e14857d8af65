import { setTimeout } from 'node:timers/promises';
import { Bell } from '../../core/bell.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { SIGNAL_EXIT } from '../exit-codes.ts';
import { onInterruption } from '../interruption.ts';
import { onReaderGone } from '../reader.ts';
import { type Look, lookAt } from './look.ts';
import { viewOf } from './views.ts';

/**
 * A look at a large store takes long: so many times as long, and so many milliseconds at least, pass before the next. And no more than this: it may
 * have waited for a database that was away.
 */
const REST_SHARE = 4;
const REST_MS = 100;
const LONGEST_REST_MS = 10_000;

/** Milliseconds between two looks for runs that came and changed nothing yet: the store does not tell of them. */
const RUNS_MS = 2_000;

/** Shows what happens on a store until Ctrl-C, which is its normal end, or until nobody reads it any more. */
export async function watchStore(context: Context, store: TaskStore): Promise<void> {
  const readerGone = new AbortController();
  const leave = (): void => readerGone.abort();
  const bell = new Bell();
  const endChanges = store.changes(() => bell.ring());
  const view = await viewOf(context);
  const interruption = onInterruption();
  const end = AbortSignal.any([interruption.signal, readerGone.signal]);
  process.stdout.on('error', leave);
  const endLooking = onReaderGone(leave);
  try {
    let before: Look | undefined;
    while (!end.aborted) {
      const changed = bell.next();
      const startedAt = performance.now();
      before = await lookAt(store, before, Date.now());
      view.show(before);
      await restOf(performance.now() - startedAt, end);
      await somethingNew(changed, store, before, end);
    }
    const { by } = interruption;
    if (by && by !== 'SIGINT') process.exitCode = SIGNAL_EXIT[by];
  } finally {
    interruption.release();
    process.stdout.off('error', leave);
    endLooking();
    endChanges();
    view.close();
  }
}

/** How long to rest after a look, in milliseconds. */
export function restMs(tookMs: number): number {
  return Math.min(Math.max(REST_MS, tookMs * REST_SHARE), LONGEST_REST_MS);
}

async function restOf(tookMs: number, signal: AbortSignal): Promise<void> {
  await setTimeout(restMs(tookMs), undefined, { signal }).catch(() => undefined);
}

/** Resolves when the store has changed, a run has come or gone, or this is to end. */
async function somethingNew(
  changed: Promise<void>,
  store: TaskStore,
  { runs }: Look,
  signal: AbortSignal,
): Promise<void> {
  const known = idsOf(runs);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const othersCame = async (): Promise<void> => {
    while (!stop.aborted) {
      await setTimeout(RUNS_MS, undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted && idsOf(await store.runs()) !== known) return;
    }
  };
  await Promise.race([changed, othersCame()]).finally(() => ended.abort());
}

function idsOf(runs: Look['runs']): string {
  return runs
    .map(({ id }) => id)
    .toSorted()
    .join();
}
