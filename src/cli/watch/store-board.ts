import { checkpointOf, type Task } from '../../model/task.ts';
import type { Survey } from '../../ports/survey.ts';
import type { LiveRun } from '../../ports/task-store.ts';
import type { Board, RunningTask } from '../board/board.ts';
import { count, isLeft, money, more } from '../format.ts';
import { placeText, toldText, workText } from '../run-texts.ts';
import { workOf } from '../run-work.ts';
import { oneLine } from '../safe-text.ts';
import { doable } from '../survey.ts';
import type { Look } from './look.ts';

/** Runs that are named; a screen has no room for more. */
const MOST = 8;

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
    total: since.completed + since.failed + doable(found),
    ...since,
    startsNothing: runs.every((run) => statesOf(run).length > 0),
    startedAt: runs[0] && Date.parse(runs[0].startedAt),
    cost: pool && costText(pool),
    notes: [
      ...runNotes(runs, found, name),
      ...notCounted(found),
      ...(left > 0 ? [`${count(left, 'task')} left by a run that is gone; the next run takes over`] : []),
    ],
    limits: [],
  };
}

function notCounted({ stuckCount, laterCount }: Survey): string[] {
  const facts = [
    ...(stuckCount > 0 ? [`${count(stuckCount, 'task')} blocked for good`] : []),
    ...(laterCount > 0 ? [`${count(laterCount, 'task')} due later`] : []),
  ];
  return facts.length > 0 ? [`not counted: ${facts.join(', ')}`] : [];
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

function runNotes(runs: LiveRun[], found: Survey, name: string): string[] {
  const [first, ...others] = runs;
  if (!first) return [`no run works on ${oneLine(name)}`];
  if (others.length === 0) return statesOf(first).map((state) => `${oneLine(first.id)}: ${state}`);
  const hosts = new Set(runs.map(({ host }) => host)).size;
  const perMinute = runs.reduce((sum, run) => sum + workOf(found, run).perMinute, 0);
  const all = `${count(runs.length, 'run')} on ${count(hosts, 'machine')}, ${perMinute.toLocaleString('en')} a minute`;
  const named = runs.slice(0, MOST).map((run) => runNote(run, found));
  return [all, ...named, ...(runs.length > MOST ? [more(runs.length - MOST)] : [])];
}

function runNote(run: LiveRun, found: Survey): string {
  const does = workText(workOf(found, run)) || 'idle';
  return [oneLine(run.id), ...statesOf(run), does, placeText(run)].join(', ');
}

function statesOf({ told, safety }: LiveRun): string[] {
  return [
    ...(toldText(told) === '' ? [] : [toldText(told)]),
    ...(safety?.tripped === undefined ? [] : [`stopped by a safety check (${oneLine(safety.tripped)})`]),
  ];
}
