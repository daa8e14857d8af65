import { compact } from './compact.ts';
import type { Closing } from './settlement.ts';
import type { Attempt } from './task.ts';

/** How the attempts of a task change. Pure: the history that comes in stays as it was. */

/** The one that has no outcome yet. */
export function openAttempt(history: Attempt[]): Attempt | undefined {
  const last = history.at(-1);
  return last?.outcome ? undefined : last;
}

/** Replaces the open attempt, or leaves it out where `change` gives none. */
export function withOpen(history: Attempt[], change: (open: Attempt) => Attempt | undefined): Attempt[] {
  const open = openAttempt(history);
  if (!open) return history;
  const changed = change(open);
  return changed ? [...history.slice(0, -1), changed] : history.slice(0, -1);
}

export function resumed(open: Attempt, run: string): Attempt {
  return open.run === run ? open : { ...open, resumedBy: run };
}

/** The open attempt with what is said at its end; undefined where nothing of it is kept. */
export function closeAttempt(open: Attempt, closing: Closing | undefined, at: string): Attempt | undefined {
  if (!closing) return undefined;
  const merged: Attempt = { ...open, ...compact(closing) };
  if (!closing.outcome) return merged;
  if (merged.output === undefined) return { ...merged, endedAt: at };
  const { output, ...rest } = merged;
  return closing.outcome === 'passed' ? { ...rest, endedAt: at } : { ...rest, output, endedAt: at };
}

/** The output moves on to an open attempt; what it cost stays where it was counted. */
export function withCheckpoint(history: Attempt[]): Attempt[] {
  const last = history.at(-1);
  const isUnjudged = last?.outcome === 'unverifiable' || last?.outcome === 'interrupted';
  if (!last || !isUnjudged || last.output === undefined) return history;
  const { output, ...closed } = last;
  const { number, run, confidence, metadata } = last;
  const startedAt = last.endedAt ?? last.startedAt;
  return [...history.slice(0, -1), closed, compact({ number, run, startedAt, output, confidence, metadata })];
}

/** The result of a completed task moves back to the attempt that gave it, so that it is not lost. */
export function keepResult(history: Attempt[], result: string | undefined): Attempt[] {
  if (result === undefined) return history;
  const last = history.findLastIndex((attempt) => attempt.outcome === 'passed');
  return history.map((attempt, i) => (i === last ? { ...attempt, output: result } : attempt));
}
