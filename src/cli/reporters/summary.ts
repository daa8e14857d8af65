import type { RunEvent, RunStats, StopReason } from '../../model/event.ts';
import type { Survey } from '../../ports/survey.ts';
import { blockedText } from '../blocked.ts';
import {
  costText,
  count,
  errorText,
  fullMinute,
  more,
  nameFirst,
  number,
  possibly,
  SYMBOLS,
  took,
  when,
} from '../format.ts';
import { firstLine } from '../safe-text.ts';
import { blockedIn } from '../survey.ts';
import type { Paint } from '../terminal.ts';
import { unbroken, wrapped } from '../wrap.ts';
import { Fates } from './fates.ts';
import type { Reporter } from './reporter.ts';

export interface SummaryOptions {
  print(line: string): void;
  paint: Paint;
  /** A command of ours as it has to be typed here. */
  hint(command: string): string;
  /** Width of the screen, at whose end lines are broken between words; a command to be typed is not. `Infinity` where there is none. */
  columns(): number;
  /** Problems alone. */
  quiet: boolean;
  /** Nothing of the results is kept. */
  isCopy: boolean;
  /** The store goes when the command ends: no command is suggested for it. */
  isScratch?: boolean;
}

type Colour = (text: string) => string;
type Problem = [text: string, colour?: Colour];

/** Most problems of a kind that are listed; `orch status` has them all. */
const MOST = 10;

/** After the run: what came of it, what failed and why, and what to type next. */
export class SummaryReporter implements Reporter {
  readonly #options: SummaryOptions;
  readonly #fates = new Fates();
  #stats: RunStats | undefined;

  constructor(options: SummaryOptions) {
    this.#options = options;
  }

  onEvent(event: RunEvent): void {
    this.#fates.onEvent(event);
    if (event.event === 'run:end') this.#stats = event.stats;
  }

  end(left: Survey): void {
    if (!this.#stats) return;
    const { print, paint, quiet } = this.#options;
    const problems = [...this.#problems(left), ...this.#stopLines(this.#stats, left)];
    if (!quiet) {
      print('');
      const { unverified } = this.#fates;
      const whatCame =
        this.#stats.processed === 0
          ? nothingRan(left, this.#stats, this.#hint)
          : headline(this.#stats, unverified);
      this.#say(whatCame, paint.bold);
      const due = dueText(left, this.#hint);
      if (due !== undefined) this.#say(due);
    }
    for (const [text, colour] of problems) this.#say(text, colour);
    const next = this.#nextStep(left);
    if (next !== undefined) this.#say(next);
    const { firstCompleted } = this.#fates;
    if (!quiet && !this.#options.isScratch && problems.length === 0 && firstCompleted)
      this.#say(this.#afterSuccess(firstCompleted));
  }

  #say(text: string, colour: Colour = (line) => line): void {
    for (const line of wrapped(text, this.#options.columns(), '  ')) this.#options.print(colour(line));
  }

  #afterSuccess(id: string): string {
    return this.#options.isCopy
      ? `Next: ${this.#hint('run')}, which has it really done`
      : `Next: ${this.#hint(`show ${id} --result`)}`;
  }

  /** A command to be typed, whole on one line. */
  #hint = (command: string): string => unbroken(this.#options.hint(command));

  #problems(left: Survey): Problem[] {
    const { paint } = this.#options;
    const lines: Problem[] = [];
    const failed = this.#fates.failures;
    for (const [id, error] of failed.slice(0, MOST))
      lines.push([`${SYMBOLS.failed} ${id}  ${firstLine(errorText({ error }), 200)}`, paint.red]);
    if (failed.length > MOST) lines.push([`  ${more(failed.length - MOST)}`]);
    const { stuck, stuckCount } = left;
    for (const each of stuck.slice(0, MOST))
      lines.push([`${SYMBOLS.pending} ${each.task.id}  ${blockedText(each)}`, paint.yellow]);
    if (stuckCount > MOST) lines.push([`  ${more(stuckCount - MOST)} blocked`]);
    return lines;
  }

  /** What to type about the first problem. */
  #nextStep(left: Survey): string | undefined {
    const first =
      this.#fates.failures[0]?.[0] ?? left.stuck[0]?.waitsFor.find((each) => each.status === 'failed')?.id;
    if (first === undefined) return undefined;
    return `Next: ${this.#hint(`show ${first}`)}, or ${this.#hint(`retry ${first}`)} and ${this.#hint('run')}`;
  }

  #stopLines({ stopReason }: RunStats, left: Survey): Problem[] {
    if (!stopReason) return [];
    const { kind } = stopReason;
    if (this.#options.quiet && (kind === 'stopped' || kind === 'limit')) return [];
    return [[`Ended early (${kind}): ${endText(stopReason, left)}`, this.#options.paint.yellow]];
  }
}

/** `3 completed, 1 failed, ...` of a run that has worked on something. */
export function headline(stats: RunStats, unverifiedTasks: number): string {
  const { completed, failed, retried, elapsedSeconds, successRate, usage } = stats;
  const unverified = unverifiedTasks > 0 ? ` (${number(unverifiedTasks)} unverified)` : '';
  const parts = [`${number(completed)} completed${unverified}`, `${number(failed)} failed`];
  if (retried > 0) parts.push(`${number(retried)} retried`);
  if (completed + failed > 0) parts.push(`success rate ${Math.floor(successRate * 100)} %`);
  parts.push(took(elapsedSeconds * 1000));
  if (usage) parts.push(costText(usage));
  if (usage?.possibleUsd) parts.push(possibly(usage.possibleUsd));
  return parts.join(', ');
}

function dueText(left: Survey, hint: SummaryOptions['hint']): string | undefined {
  const [next] = left.later;
  if (!next) return undefined;
  const time = when(next.notBefore ?? '');
  return `${next.id} is due next, not before ${time}; ${hint('run --until-due <time>')} waits for what is due by then`;
}

/** Why it ended early. @param time how a point in time is said. */
export function endText({ kind, message, resumeAt }: StopReason, left: Survey, time = when): string {
  const later = resumeAt ? `; try again after ${time(fullMinute(resumeAt))}` : '';
  return kind === 'stopped' ? whatIsLeft(left) : firstLine(message) + later;
}

function whatIsLeft({ counts, stuckCount }: Survey): string {
  const left = counts.pending + counts.in_progress - stuckCount;
  if (left === 0) return 'nothing is left to do';
  return `${count(left, 'task')} ${left === 1 ? 'is' : 'are'} left; run again to go on`;
}

/** Why a run has worked on nothing. */
export function nothingRan(left: Survey, { stopReason }: RunStats, hint: SummaryOptions['hint']): string {
  if (left.counts.total === 0) return `Nothing ran: there is no task to run; ${hint('add')} adds tasks`;
  if (stopReason && left.ready.length > 0) return 'Nothing ran';
  if (left.later.length > 0) return 'Nothing ran: what is left is due later';
  const blocked = blockedIn(left).map(({ task }) => task.id);
  if (blocked.length > 0) return `Nothing ran: ${nameFirst(blocked, left.counts.blocked)} blocked`;
  if (left.running.length > 0)
    return `Nothing ran: other runs hold ${nameFirst(
      left.running.map((task) => task.id),
      left.counts.in_progress,
    )}`;
  if (left.failed.length > 0)
    return `Nothing ran: ${count(left.counts.failed, 'task')} failed and no other is left; ${hint('retry --status failed')} gives one more round`;
  return 'Nothing ran: all tasks are completed';
}
