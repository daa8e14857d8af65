import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent, StopReason } from '../../model/event.ts';
import { addUsage, type Usage } from '../../model/usage.ts';
import { costText, count, when } from '../format.ts';
import { Fates } from '../reporters/fates.ts';
import type { Board, Phase, RunningTask } from './board.ts';

interface Held extends Omit<RunningTask, 'phase'> {
  phase: Exclude<Phase, 'waiting'>;
  /** It is not tried again before, in milliseconds since the epoch. */
  waitsUntil: number;
}

/** How long a run holds nothing until that is told, in milliseconds: between two tasks it is a moment. */
const IDLE_MS = 2000;

/** Characters of a description that are kept: no screen shows more. */
const LONGEST = 4_000;

/** The board of one run, from its events. */
export class RunBoard {
  readonly #known: number;
  readonly #clean: (text: string) => string;
  readonly #held = new Map<string, Held>();
  readonly #fates = new Fates();
  readonly #retried = new Set<string>();
  #startedAt: number | undefined;
  #usage: Usage | undefined;
  /** Since when it holds no task, in milliseconds since the epoch. */
  #idleSince = Number.POSITIVE_INFINITY;
  #isPaused = false;
  #dueAt: string | undefined;
  #waitsForMoney: string | undefined;
  #limits: () => ModelState[] = () => [];
  #stopReason: () => StopReason | undefined = () => undefined;

  /** @param known tasks that are there to be done; more may come. @param clean takes out of a text what nobody is to see. */
  constructor(known: number, clean: (text: string) => string = (text) => text) {
    this.#known = known;
    this.#clean = clean;
  }

  onLimits(states: () => ModelState[]): void {
    this.#limits = states;
  }

  onStop(reason: () => StopReason | undefined): void {
    this.#stopReason = reason;
  }

  onEvent(event: RunEvent): void {
    this.#fates.onEvent(event);
    switch (event.event) {
      case 'run:start':
        this.#startedAt = Date.parse(event.at);
        break;
      case 'task:start':
        this.#hold(event);
        break;
      case 'task:execute':
        this.#usage = addUsage(this.#usage, event.result.usage);
        if (event.result.success) this.#change(event.task.id, { phase: 'verifying' });
        break;
      case 'task:verify':
        this.#usage = addUsage(this.#usage, event.verification.usage);
        break;
      case 'task:retry':
        if (event.delayMs === undefined) this.#sentBack(event.task.id);
        else this.#change(event.task.id, { waitsUntil: Date.parse(event.at) + event.delayMs });
        break;
      case 'task:complete':
      case 'task:fail':
      case 'task:release':
      case 'task:lost':
        this.#held.delete(event.task.id);
        break;
      default:
        this.#noteOf(event);
    }
    if (this.#held.size > 0) this.#idleSince = Number.POSITIVE_INFINITY;
    else this.#idleSince = Math.min(this.#idleSince, Date.parse(event.at));
  }

  at(now: number): Board {
    const { completed, failed } = this.#fates;
    return {
      running: [...this.#held.values()].map((held) => runningTask(held, now)),
      total: Math.max(this.#known, completed + failed + this.#held.size),
      completed,
      failed,
      retried: this.#retried.size,
      startedAt: this.#startedAt,
      startsNothing: this.#isPaused || this.#isStopping || this.#isIdle(now),
      cost: this.#usage && costText(this.#usage),
      notes: this.#notes(now),
      limits: this.#limits(),
    };
  }

  #noteOf(event: RunEvent): void {
    switch (event.event) {
      case 'run:pause':
      case 'run:resume':
        this.#isPaused = event.event === 'run:pause';
        break;
      case 'run:wait':
        this.#dueAt = event.dueAt;
        break;
      case 'budget:wait':
        this.#waitsForMoney = event.reason ? 'the budget of another run' : 'money that calls have set aside';
        break;
      case 'budget:resume':
        this.#waitsForMoney = undefined;
    }
  }

  /** Before its work is done. A run that has started as many tasks as it was told to ends as it was meant to. */
  get #isStopping(): boolean {
    const reason = this.#stopReason();
    return reason !== undefined && reason.kind !== 'limit';
  }

  #isIdle(now: number): boolean {
    return now - this.#idleSince >= IDLE_MS;
  }

  #notes(now: number): string[] {
    if (this.#isStopping) {
      const held = this.#held.size;
      return [held === 0 ? 'stopping' : `stopping: waiting for ${count(held, 'running task')}`];
    }
    const notes: string[] = [];
    if (this.#isPaused) notes.push('paused: nothing new is started until orch resume');
    if (this.#waitsForMoney !== undefined) notes.push(`waiting for ${this.#waitsForMoney}`);
    if (this.#dueAt !== undefined)
      notes.push(`waiting for what is due, not before ${when(this.#dueAt, now)}`);
    if (notes.length === 0 && this.#isIdle(now)) notes.push('nothing to do at the moment');
    return notes;
  }

  #hold({ at, task, attempt, resumed }: RunEvent<'task:start'>): void {
    this.#dueAt = undefined;
    this.#held.delete(task.id);
    this.#held.set(task.id, {
      id: task.id,
      description: this.#clean(task.description.slice(0, LONGEST)),
      attempt,
      phase: resumed ? 'verifying' : 'executing',
      since: Date.parse(at),
      waitsUntil: 0,
    });
  }

  #change(id: string, change: Partial<Held>): void {
    const held = this.#held.get(id);
    if (held) Object.assign(held, change);
  }

  #sentBack(id: string): void {
    this.#held.delete(id);
    this.#retried.add(id);
  }
}

function runningTask({ waitsUntil, ...held }: Held, now: number): RunningTask {
  return waitsUntil > now ? { ...held, phase: 'waiting' } : held;
}
