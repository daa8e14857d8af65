import type { Command } from 'commander';
import { Bell } from '../../core/bell.ts';
import { systemRuntime } from '../../core/runtime.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { layersHere } from '../config.ts';
import { type Context, contextOf, hint, nameOfStore, remark, withStore } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import { age, count, nameSome, SYMBOLS } from '../format.ts';
import { beat, heartbeatHere } from '../heartbeat.ts';
import { print, printJson } from '../output.ts';
import { sayMeanwhile } from '../progress.ts';
import { oneLine } from '../safe-text.ts';
import { type SelectOptions, selectIds, selectionOf } from '../select.ts';
import { columnsOf } from '../terminal.ts';
import { unbroken, wrapped } from '../wrap.ts';
import { endedText } from './ended-text.ts';
import { type Ended, Waited } from './waited.ts';

export interface WaitOptions extends SelectOptions {
  /** Milliseconds. */
  timeout?: number;
  /** Milliseconds; 0 for off. */
  heartbeat?: number;
}

/** Shortest time between two looks, in milliseconds, and how many times as long as a look took: a large store that is busy costs a fifth of a core. */
const APART_MS = 50;
const TIMES_AS_LONG = 4;

/** Waits for what is selected, from the command line to the exit code. */
export async function wait(words: string[], options: WaitOptions, command: Command): Promise<void> {
  const deadline = performance.now() + (options.timeout ?? Infinity);
  const context = await contextOf(command);
  await withStore(context, async (store) => {
    const ids = await selectIds(store, selectionOf(words, options));
    if (ids.length === 0) return remark(context, 'No task matches: there is nothing to wait for');
    const waited = new Waited(ids);
    const heartbeat = heartbeatHere(context, options.heartbeat ?? heartbeatSaid(context));
    const said = (ms: number) => notEnded(waited.open, ids.length, ms);
    const endBeat = heartbeat && beat(heartbeat, (ms) => `${SYMBOLS.note} ${said(ms)}`);
    const endProgress = sayMeanwhile(context, said);
    const isOver = await untilEnded(waited, store, deadline, context).finally(() => {
      endBeat?.();
      endProgress();
    });
    if (!isOver) noteFitted(`Time is over; not ended: ${nameSome(waited.open)}`);
    process.exitCode = isOver ? (waited.allCompleted ? EXIT.ok : EXIT.failed) : EXIT.timeout;
  });
}

/** By environment or config file, for runs and whatever else takes its time. */
function heartbeatSaid(context: Context): number | undefined {
  const said = layersHere(context, ['heartbeat']).map(({ values }) => values.heartbeat);
  return said.find((ms) => ms !== undefined);
}

/** `3 of 5 tasks have not ended, 5m: task-003, task-004, task-005`. @param ms how long it has waited. */
function notEnded(open: readonly string[], all: number, ms: number): string {
  const verb = open.length === 1 ? 'has' : 'have';
  return `${open.length} of ${count(all, 'task')} ${verb} not ended, ${age(ms)}: ${nameSome([...open], MOST_NAMED)}`;
}

/** Most tasks that are named again and again. */
const MOST_NAMED = 3;

/** @param deadline as `performance.now` counts. @returns whether all have ended before it. */
async function untilEnded(
  waited: Waited,
  store: TaskStore,
  deadline: number,
  context: Context,
): Promise<boolean> {
  const bell = new Bell();
  const stopListening = store.changes(() => bell.ring());
  let isAlone = false;
  try {
    for (;;) {
      const change = bell.next();
      const began = performance.now();
      const news = await waited.look(store);
      const pause = Math.max(APART_MS, (performance.now() - began) * TIMES_AS_LONG);
      for (const ended of news) tell(ended, context);
      if (waited.open.length === 0) return true;
      if (!isAlone && (await store.runs()).length === 0) {
        isAlone = true;
        noteFitted(
          `No run works on ${oneLine(nameOfStore(context))}; waiting for one (${unbroken(hint(context, 'run'))})`,
        );
      }
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await ringOr(change, left);
      // What changes meanwhile is seen by the next look.
      await systemRuntime.sleep(Math.min(pause, deadline - performance.now()), new AbortController().signal);
    }
  } finally {
    stopListening();
  }
}

/** Resolves when the promise does, or after so many milliseconds; until then the process lives. */
async function ringOr(ring: Promise<void>, ms: number): Promise<void> {
  const rung = new AbortController();
  const slept = systemRuntime.sleep(ms, rung.signal);
  await Promise.race([ring, slept]);
  rung.abort();
}

function tell(ended: Ended, { json, quiet, paint }: Context): void {
  if (json && ended.how !== 'removed') printJson(ended.task);
  else if (json) noteFitted(`${ended.id} was removed before it had ended`);
  else if (!quiet || ended.how !== 'completed') {
    for (const line of wrapped(endedText(ended, paint), columnsOf(process.stdout), '  ')) print(line);
  }
}
