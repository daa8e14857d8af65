import { isUtf8 } from 'node:buffer';
import { bestBytes } from '../../model/best-attempt.ts';
import type { RunEvent, RunStats } from '../../model/event.ts';
import { type Task, type TaskErrorKind, usageOf } from '../../model/task.ts';
import type { Usage } from '../../model/usage.ts';
import { count } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import { verdictTexts } from '../verdict-texts.ts';
import { reportText } from './report-text.ts';

/** A task that the run worked on, as far as reports tell of it. Texts are bounded, without credentials and control characters. */
export interface Worked {
  id: string;
  /** The first line of its description. */
  title: string;
  /** `open`: it went back to the store, or was lost; `reason` says why. */
  outcome: 'completed' | 'failed' | 'open';
  verified: boolean;
  attempts: number;
  /** Milliseconds that this run worked on it. */
  workedMs: number;
  usage?: Usage | undefined;
  /** Of a failed one. */
  kind?: TaskErrorKind;
  /** Why it failed, or went back. */
  reason?: string;
  /** The same of a failed one, whole, and what else its verifier said of it. */
  said?: string[];
  /** What was wrong, where it was tried again after a counted attempt: the last time. */
  retriedFor?: string;
  /** What it gave. */
  output?: string | undefined;
}

/** Longest texts, in bytes, and how much of outputs is kept in all: a log of many tasks must fit in memory. */
export const TITLE_COLUMNS = 120;
const FEEDBACK_BYTES = 16 << 10;
const MOST_TEXTS = 50;
const OUTPUT_BYTES = 8 << 10;
const ALL_OUTPUTS_BYTES = 8 << 20;

const LEFT_OUT = '(left out: the outputs of all tasks are too long; orch show --result --any has it)';

export interface WorkLogOptions {
  /** Whether a report wants the outputs. Default: they are not kept. */
  withOutputs?: boolean;
}

/** What a run did, task by task, gathered from its events. */
export class WorkLog {
  readonly #tasks = new Map<string, Worked>();
  /** When the work began that goes on, by task; milliseconds since the epoch. */
  readonly #since = new Map<string, number>();
  /** Bytes that may still be kept of outputs. */
  #room: number | undefined;
  #run = '';
  #startedAt = '';
  #stats: RunStats | undefined;

  constructor({ withOutputs = false }: WorkLogOptions = {}) {
    if (withOutputs) this.#room = ALL_OUTPUTS_BYTES;
  }

  get run(): string {
    return this.#run;
  }

  /** ISO 8601. */
  get startedAt(): string {
    return this.#startedAt;
  }

  /** Undefined until the run is over. */
  get stats(): RunStats | undefined {
    return this.#stats;
  }

  /** In the order in which they were begun. */
  get tasks(): Worked[] {
    return [...this.#tasks.values()];
  }

  /** Whether the run worked on it. @param id as the task has it. */
  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  onEvent(event: RunEvent): void {
    switch (event.event) {
      case 'run:start':
        this.#run = event.run;
        this.#startedAt = event.at;
        break;
      case 'run:end':
        this.#stats = event.stats;
        break;
      case 'task:start':
        this.#since.set(event.task.id, Date.parse(event.at));
        this.#put(event, { outcome: 'open', reason: 'it was not done with when the run ended' });
        break;
      case 'task:retry':
        // One that waits for its service goes on in its slot.
        if (event.delayMs !== undefined) break;
        this.#put(event, {
          outcome: 'open',
          reason: 'it is to be tried again',
          retriedFor: reportText(event.reason),
        });
        break;
      case 'task:complete':
        this.#put(event, {
          outcome: 'completed',
          verified: event.task.verified === true,
          output: this.#outputOf(event.task),
        });
        break;
      case 'task:fail':
        this.#put(event, {
          outcome: 'failed',
          kind: event.error.kind,
          reason: reportText(event.error.message),
          said: boundedTexts(verdictTexts(event.verdict, event.error.message)),
          output: this.#outputOf(event.task),
        });
        break;
      case 'task:release':
      case 'task:lost':
        this.#put(event, { outcome: 'open', reason: reportText(event.reason) });
        break;
    }
  }

  #put(
    { event, at, task }: RunEvent & { task: Task },
    news: Partial<Worked> & Pick<Worked, 'outcome'>,
  ): void {
    const { id, description, attempts } = task;
    const before = this.#tasks.get(id);
    this.#tasks.set(id, {
      id: reportText(id),
      title: firstLine(reportText(description), TITLE_COLUMNS),
      verified: false,
      attempts,
      workedMs: (before?.workedMs ?? 0) + this.#worked(event, id, at),
      usage: usageOf(task),
      ...(before?.retriedFor !== undefined && { retriedFor: before.retriedFor }),
      ...news,
    });
  }

  /** What has been worked on a task since it was begun, where it has ended now. */
  #worked(event: RunEvent['event'], id: string, at: string): number {
    const since = this.#since.get(id);
    if (event === 'task:start' || since === undefined) return 0;
    this.#since.delete(id);
    return Math.max(0, Date.parse(at) - since);
  }

  #outputOf(task: Task): string | undefined {
    if (this.#room === undefined) return undefined;
    const bytes = bestBytes(task);
    if (!bytes) return undefined;
    if (!isUtf8(bytes)) return `${count(bytes.length, 'byte')} that are no text`;
    if (this.#room <= 0) return LEFT_OUT;
    const text = reportText(bytes.toString(), OUTPUT_BYTES);
    this.#room -= text.length;
    return text;
  }
}

/** The first is mostly the feedback; the others are issues. */
function boundedTexts(texts: string[]): string[] {
  return texts
    .slice(0, MOST_TEXTS)
    .map((text, i) => (i === 0 ? reportText(text, FEEDBACK_BYTES) : reportText(text)));
}
