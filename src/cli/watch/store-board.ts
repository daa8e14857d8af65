import { checkpointOf, type Task } from '../../model/task.ts';
import type { LiveRun } from '../../ports/task-store.ts';
import type { Board, RunningTask } from '../board/board.ts';
import { count, isLeft, money, nameSome } from '../format.ts';
import { oneLine } from '../safe-text.ts';
import type { Look } from './look.ts';

export interface StoreBoardOptions {
  /** As a person calls the store. */
  name: string;
  /** Takes out of a text what nobody is to see. */
  clean(text: string): string;
}

/** The board of all runs that live on a store. */
export function storeBoard({ found, runs, pool, since }: Look, { name, clean }: StoreBoardOptions): Board {
  const held = found.running.filter((task) => !isLeft(task, runs));
  const left = found.running.length - held.length;
  return {
    running: held.map((task) => runningTask(task, runs, clean)).toSorted((a, b) => a.since - b.since),
    total: since.completed + since.failed + found.counts.pending + found.counts.in_progress,
    ...since,
    startsNothing: runs.every((run) => statesOf(run).length > 0),
    startedAt: runs[0] && Date.parse(runs[0].startedAt),
    cost: pool && costText(pool),
    notes: [
      ...runNotes(runs, name),
      ...(left > 0 ? [`${count(left, 'task')} left by a run that is gone; the next run takes over`] : []),
    ],
    limits: [],
  };
}

function runningTask(task: Task, runs: LiveRun[], clean: (text: string) => string): RunningTask {
  const { id, description, attempts, lease } = task;
  return {
    id,
    description: clean(description),
    attempt: attempts + 1,
    phase: checkpointOf(task) ? 'verifying' : 'executing',
    since: Date.parse(lease?.since ?? task.createdAt),
    ...(runs.length > 1 && lease && { run: lease.run }),
  };
}

function costText({ spentUsd, capUsd, unpriced }: NonNullable<Look['pool']>): string {
  const cap = capUsd === undefined ? '' : ` of ${money(capUsd)}`;
  return `${money(spentUsd)}${unpriced ? ' and more' : ''}${cap}`;
}

function runNotes(runs: LiveRun[], name: string): string[] {
  const [first, ...others] = runs;
  if (!first) return [`no run works on ${oneLine(name)}`];
  if (others.length === 0) return statesOf(first).map((state) => `${oneLine(first.id)}: ${state}`);
  const texts = runs.map((run) => [oneLine(run.id), ...statesOf(run)].join(', '));
  return [`${count(runs.length, 'run')}: ${nameSome(texts)}`];
}

function statesOf({ told, safety }: LiveRun): string[] {
  return [
    ...(told === undefined || told === 'resume' ? [] : [`told to ${told}`]),
    ...(safety?.tripped === undefined ? [] : [`stopped by a safety check (${oneLine(safety.tripped)})`]),
  ];
}
