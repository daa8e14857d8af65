import type { StopReason } from '../../model/event.ts';
import type { Task } from '../../model/task.ts';
import type { Blocked, Survey } from '../../ports/survey.ts';
import { blockedText } from '../blocked.ts';
import { nameSome, STATUS_WORDS, whenKept } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import { MOST_NAMED } from '../survey.ts';
import { reportText } from './report-text.ts';
import { TITLE_COLUMNS, type WorkLog } from './work-log.ts';

/** A task that the run did not come to. Texts are bounded, without credentials and control characters. */
export interface NotReached {
  id: string;
  /** The first line of its description. */
  title: string;
  why: string;
}

/** Those of a kind that a report names. */
export interface Named {
  tasks: NotReached[];
  /** How many more there are. */
  more: number;
}

/** What waits for others, and no run can bring it about. */
export function blockedForGood(log: WorkLog, left: Survey | undefined): Named {
  const { stuck = [], stuckCount = 0 } = left ?? {};
  const candidates = stuck.map((each) => ({ task: each.task, why: () => blockedText(each) }));
  return named(log, candidates, stuckCount);
}

/**
 * What the run was to do and did not come to: it ended before, the task's time has not come, or it waits for others that are not done. Nothing
 * where it was to start so many tasks and no more.
 */
export function notReached(log: WorkLog, left: Survey | undefined): Named {
  const stopReason = log.stats?.stopReason;
  if (!left || stopReason?.kind === 'limit') return { tasks: [], more: 0 };
  const { ready, later, running, hopeful, counts, stuckCount } = left;
  const candidates = [
    ...ready.map((task) => ({ task, why: () => endedBefore(stopReason) })),
    ...hopeful.map((each) => ({ task: each.task, why: () => waitsFor(each) })),
    ...later.map((task) => ({ task, why: () => `due later: not before ${whenKept(task.notBefore ?? '')}` })),
    ...running.map((task) => ({ task, why: () => `another run holds it: ${task.lease?.run}` })),
  ];
  return named(log, candidates, counts.pending + counts.in_progress - stuckCount);
}

interface Candidate {
  task: Task;
  why: () => string;
}

/** @param all how many there are, those that the run worked on included. */
function named(log: WorkLog, candidates: Candidate[], all: number): Named {
  const left = candidates.filter(({ task }) => !log.has(task.id));
  const shown = left.slice(0, MOST_NAMED).map(({ task: { id, description }, why }) => ({
    id: reportText(id),
    title: firstLine(reportText(description), TITLE_COLUMNS),
    why: reportText(why()),
  }));
  const workedOn = candidates.length - left.length;
  return { tasks: shown, more: all - workedOn - shown.length };
}

function waitsFor({ waitsFor }: Blocked): string {
  const words = waitsFor.map(({ id, status }) => `${id} (${status ? STATUS_WORDS[status] : 'gone'})`);
  return `waits for ${nameSome(words)}`;
}

function endedBefore(stopReason: StopReason | undefined): string {
  if (!stopReason) return 'not reached: the run was over';
  const { kind, message } = stopReason;
  if (kind === 'stopped') return 'not reached: the run was stopped';
  return `not reached: the run ended early (${kind}): ${firstLine(message)}`;
}
