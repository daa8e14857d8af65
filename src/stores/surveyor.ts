import { type Task, type TaskStatus, usageOf } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { Blocked, Survey, SurveyRequest } from '../ports/survey.ts';
import { blockedOf, unmarkHopeful } from './blocked.ts';
import { sentBack, Works } from './works.ts';

/** Makes a survey of tasks that it is shown one by one, in the order in which they were added. */
export class Surveyor {
  readonly #request: SurveyRequest;
  readonly #now: number;
  readonly #statuses = new Map<string, TaskStatus>();
  readonly #counts = { pending: 0, in_progress: 0, completed: 0, failed: 0, total: 0 };
  readonly #running: Task[] = [];
  readonly #failed: Task[] = [];
  /** Those that are not meant, too: others may wait for them. */
  readonly #pending: Task[] = [];
  readonly #works: Works;
  #unverified = 0;
  readonly #done = { completed: 0, failed: 0, retried: 0 };
  #usage: Usage | undefined;

  constructor(request: SurveyRequest, now: number) {
    this.#request = request;
    this.#now = now;
    this.#works = new Works(now);
  }

  /** Whether more has to be known of a task than its status. */
  isWanted(id: string, status: TaskStatus): boolean {
    return status === 'pending' || this.#isMeant(id);
  }

  /** A task that is not wanted. */
  know(id: string, status: TaskStatus): void {
    this.#statuses.set(id, status);
  }

  see(task: Task): void {
    this.know(task.id, task.status);
    if (task.status === 'pending') this.#pending.push(task);
    if (!this.#isMeant(task.id)) return;
    this.#request.changed?.see(task);
    this.#counts[task.status] += 1;
    this.#counts.total += 1;
    this.#works.see(task);
    this.#usage = addUsage(this.#usage, usageOf(task));
    this.#countDone(task);
    const { most, mostRunning = most } = this.#request;
    if (task.status === 'in_progress') keep(this.#running, task, mostRunning);
    else if (task.status === 'failed') keep(this.#failed, task, most);
    else if (task.status === 'completed' && task.verified !== true) this.#unverified += 1;
  }

  done(): Survey {
    const { most } = this.#request;
    const { blocked, ready, later } = this.#sorted();
    const meant = blocked.filter(({ task }) => this.#isMeant(task.id));
    const stuck = meant.filter(({ forGood }) => forGood);
    const hopeful = meant.filter(({ forGood }) => !forGood);
    return {
      at: this.#now,
      counts: { ...this.#counts, blocked: meant.length },
      laterCount: later.length,
      stuckCount: stuck.length,
      running: this.#running,
      failed: this.#failed,
      stuck: stuck.slice(0, most),
      hopeful: hopeful.slice(0, most),
      ready: ready.toSorted((a, b) => b.priority - a.priority).slice(0, most),
      later: later.toSorted((a, b) => dueAt(a) - dueAt(b)).slice(0, most),
      unverified: this.#unverified,
      done: this.#done,
      usage: this.#usage,
      works: this.#works.all,
    };
  }

  #countDone(task: Task): void {
    const from = this.#request.doneSince ?? 0;
    const isSince = (time: string | undefined) => time !== undefined && Date.parse(time) >= from;
    if (task.status === 'completed' && isSince(task.endedAt)) this.#done.completed += 1;
    if (task.status === 'failed' && isSince(task.endedAt)) this.#done.failed += 1;
    if (sentBack(task).some(({ endedAt }) => isSince(endedAt))) this.#done.retried += 1;
  }

  #isMeant(id: string): boolean {
    return this.#request.only?.has(id) ?? true;
  }

  #sorted(): { blocked: Blocked[]; ready: Task[]; later: Task[] } {
    const blocked: Blocked[] = [];
    const ready: Task[] = [];
    const later: Task[] = [];
    for (const task of this.#pending) {
      const waits = blockedOf(task, this.#statuses);
      if (waits) blocked.push(waits);
      else if (this.#isMeant(task.id)) (dueAt(task) > this.#now ? later : ready).push(task);
    }
    unmarkHopeful(blocked);
    return { blocked, ready, later };
  }
}

function keep(tasks: Task[], task: Task, most: number): void {
  if (tasks.length < most) tasks.push(task);
}

function dueAt({ notBefore }: Task): number {
  return notBefore === undefined ? 0 : Date.parse(notBefore);
}
