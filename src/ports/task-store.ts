import type { OrchError } from '../model/errors.ts';
import type { StopReason } from '../model/event.ts';
import type { Holds, LearnedLimits } from '../model/learned-limits.ts';
import type { Pool } from '../model/pool.ts';
import type { Checkpoint, Finding, Settlement } from '../model/settlement.ts';
import type { Counts, Lease, NewTask, Task, TaskEdit, TaskStatus } from '../model/task.ts';
import type { Gauge } from './safety-check.ts';
import type { Ahead, Survey, SurveyRequest } from './survey.ts';

/**
 * Holds tasks durably and hands them out. Every method is one atomic step, over processes too where the store is shared.
 * A promise resolves when the change would survive the death of the process. Tasks that come out are never changed
 * afterwards by the store, and must not be changed by the caller.
 *
 * Rejects with an `OrchError`: `store-unusable` from any method, others as said below.
 */
export interface TaskStore {
  /**
   * Adds all of them or none. A task whose own id is taken by the same description is not added again, and no error.
   * What is added is kept as it is: no store takes credentials out of it, as `orch add` does.
   * @returns the tasks as they stand, in the order given.
   * @throws `conflict`: the id is taken by another description. `not-found`: an `after` names no task, neither one that is there nor one
   * of these. `usage`: a bad id, or tasks that would wait for each other in a circle, which is named. The error's `index` says which of these
   * tasks is at fault, where one is; of a circle it is the first that is in it.
   */
  add(tasks: NewTask[]): Promise<Task[]>;

  /** The same for tasks that come one by one: however many there are, they need not be in memory at the same time. */
  intake(): Intake;

  /**
   * Takes whole tasks, history included: all of them or none. What is there already with the same content is passed over. Nobody holds
   * what comes in: a task that was in progress is pending, its open attempt closed as interrupted, or kept where its output waits for its verdict.
   * No automatic id that is taken so is given again.
   * @returns those that were not there, as they stand.
   * @throws `conflict`: the id is taken by a task with another content. `not-found`: an unfinished task comes after one that is neither there
   * nor among these. `usage`: one is no task, or they come after each other in a circle. The error's `index` says which is at fault, as in `add`.
   */
  import(tasks: Task[]): Promise<Task[]>;

  /**
   * Takes the next runnable task: highest priority, then oldest. What a dead run held is taken over, and the crash counted.
   * The answer without a task says what could make one runnable.
   */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;

  /**
   * Keeps an output before anything else happens to it.
   * @throws `lease-lost`; `usage`: what came of it could not be read again.
   */
  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task>;

  /**
   * Ends a claim as the settlement says: completed, failed, or back to pending.
   * @throws `lease-lost`; `usage`: what came of it could not be read again.
   */
  settle(lease: Lease, settlement: Settlement): Promise<Task>;

  /** Prolongs leases to `leaseMs` milliseconds from now. @returns those that were lost and are not prolonged. */
  renew(leases: Lease[], leaseMs: number): Promise<Lease[]>;

  /** Those of these leases that are lost, of which nothing is changed: for who looks often. */
  lost(leases: Lease[]): Promise<Lease[]>;

  get(id: string): Promise<Task | undefined>;

  /** In the order they were added. */
  list(filter?: ListFilter): AsyncIterable<Task>;

  counts(): Promise<Counts>;

  /** The store at a glance; where tasks are many, it takes no longer for that. */
  survey(request: SurveyRequest): Promise<Survey>;

  /** What is claimed before this pending task; nothing where it could not start now. */
  ahead(id: string): Promise<Ahead>;

  /**
   * Takes tasks back to pending, clean: attempts 0, checkpoint and feedback dropped, history kept.
   * @returns the tasks that were reset.
   * @throws `not-found`; `conflict`: one is held by a live run. Nothing is reset then.
   */
  reset(selection: ResetSelection): Promise<Task[]>;

  /**
   * Gives failed tasks one more round of attempts; with feedback, completed ones too. What was tried is kept, with what was wrong with it,
   * and so is an output that nobody judged: without feedback it waits for its verdict again. All of them or none.
   * @param feedback what is to be better: each attempt's executor is told. Default: what was said before.
   * @throws `not-found`; `conflict`: one is held by a live run, has not ended, or is completed and there is no feedback.
   */
  retry(ids: string[], feedback?: string): Promise<Task[]>;

  /**
   * Changes what is to be done, what would satisfy it, or when. Of a completed task, description, criteria and check stay. An output that
   * waits for its verdict is dropped where the description changes.
   * @returns the task as it stands.
   * @throws `not-found`: of the task, or of what it is to come after. `conflict`: a live run holds it, or it is completed. `usage`: it would
   * wait for itself; what came of it could not be read again.
   */
  edit(id: string, edit: TaskEdit): Promise<Task>;

  /**
   * Takes a completed task back to pending, because its result no longer holds. The result stays, as an attempt of its own that was
   * rejected, which begins a new round: whoever does the next is told of it.
   * @param result which was judged.
   * @throws `not-found`; `conflict`: it is not completed with this result any more; `usage`: the finding could not be read again.
   */
  reopen(id: string, result: string, finding: Finding): Promise<Task>;

  /**
   * Ends pending and running tasks as failed: cancelled. All of them or none.
   * @throws `not-found`; `conflict`: one has ended already.
   */
  cancel(ids: string[]): Promise<Task[]>;

  /**
   * Removes all of them or none.
   * @throws `not-found`; `conflict`: one is held by a live run, or an unfinished task waits for it.
   */
  remove(ids: string[]): Promise<void>;

  /**
   * Says that a run lives, until `leave` or its process's death. To be called before its first claim.
   * @returns how many lived before: of runs that join at the same time one is the first.
   */
  join(run: RunInfo): Promise<number>;

  /** @param stop what stopped it before its work was done, where something did: it is kept for `lastStop`. */
  leave(runId: string, stop?: StopReason): Promise<void>;

  /** What stopped the run that left last; undefined where nothing did, one has joined since, or all tasks were reset. It may be forgotten when the machine loses its power. */
  lastStop(): Promise<StoppedRun | undefined>;

  /** What a run lets others see of itself; of each thing the last note counts, until it leaves. Nothing happens where it has not joined. */
  note(runId: string, note: RunNote): Promise<void>;

  /** The runs that live now, what each was told last, and what it lets see of itself. */
  runs(): Promise<LiveRun[]>;

  /** Tells every run that lives now to pause, to go on, or to stop; what was told to stop, or tripped, is told no more. @returns those that live. */
  control(command: RunCommand): Promise<LiveRun[]>;

  /** What a run was told last; undefined when nothing. A run asks whenever `changes` calls. */
  told(runId: string): Promise<Telling | undefined>;

  /**
   * Sets money aside for one call of a run that has joined, where the pool of the runs that live has room for it.
   * @returns whether it did, and how the pool stands then.
   */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>;

  /** What a call did cost: what was set aside for it is free again. @returns how the pool stands then. */
  spend(request: ReserveRequest): Promise<Pool>;

  /** What the runs that live spent together with those that they overlapped; undefined when none lives, or nothing was spent. */
  pool(): Promise<Pool | undefined>;

  /**
   * Calls the listener soon after anybody changed the store, perhaps once for many changes. A store may be late with what others do among
   * themselves where its own runs have found nothing to claim. @returns what ends that.
   */
  changes(listener: () => void): () => void;

  /**
   * Whoever waits for a store that was lost, or will, is to be told so within so many milliseconds; the last and shortest word counts. A store that is
   * never lost for a while does not have it.
   */
  hurry?(ms: number): void;

  close(): Promise<void>;
}

/** Tasks that are to be added together. */
export interface Intake {
  /**
   * @param task not to be changed until all are added.
   * @throws `usage`, as `add` does: it is no task, and nothing of all can be added. Some stores only find out in `add`.
   */
  take(task: NewTask): void;

  /** Adds what was taken: all of it or nothing. To be called once, at the end. Rejects as `TaskStore.add` does. */
  add(): Promise<Added>;

  /** Lets go of all that it holds; nothing can be read any more. */
  close(): void;
}

/** What was added, in the order given. Tasks are made when their turn is, as long as their intake is open. */
export interface Added {
  count: number;
  ids(): Iterable<string>;
  /** As they stand. */
  tasks(): Iterable<Task>;
  /** Those that were there already, or were given twice, beside what they are now. */
  there(): Iterable<{ given: NewTask; kept: Task }>;
}

export interface ClaimRequest {
  /** Id of the run that claims. */
  run: string;
  /** Milliseconds until others may take the task over, unless the lease is renewed. */
  leaseMs: number;
  /** Only these tasks, where given. */
  only?: ReadonlySet<string>;
  /** Not these. */
  except?: ReadonlySet<string>;
}

export type ClaimAnswer = Claim | NothingToClaim;

export interface Claim {
  task: Task;
  lease: Lease;
  /** Tasks that this claim found left by dead runs for the third time, and set aside as failed: crashed. */
  setAside?: Task[];
}

export interface NothingToClaim {
  task?: undefined;
  /** Tasks that other live runs hold: each could come back. */
  heldByOthers: number;
  /** When the first lease of another run ends, if it is not renewed. ISO 8601. */
  leaseEndsAt?: string;
  /** When the first pending task that waits for its time is due. ISO 8601. */
  dueAt?: string;
  /** As in a claim. */
  setAside?: Task[];
  /** Why nothing can be claimed here any more: a newer orch has changed the store. What is held may still be kept and settled. */
  closed?: OrchError;
}

export interface ListFilter {
  status?: TaskStatus;
  /** Those in whose JSON, without blanks, one of these texts stands: others may come too, where the store does not look. To be used where there are few. */
  mentioning?: readonly string[];
}

/** Named tasks; `failed`: the failed ones and those that a dead run left; `all`: every task. */
export type ResetSelection = { ids: string[] } | 'failed' | 'all';

export interface RunInfo {
  id: string;
  pid: number;
  host: string;
  /** Of the program that it is a run of. */
  version?: string;
  /** ISO 8601. */
  startedAt: string;
  /** What the pool that this run belongs to may spend, in US dollars. Default: no cap of its own. */
  maxCostUsd?: number;
  /** A word for the service that it calls, and as whom: the same word, the same limits. Default: it calls none. */
  service?: string;
  /** It may leave tasks that could run: it was told which ones to start, or how many. */
  selective?: boolean;
}

export interface ReserveRequest {
  /** Id of the run. */
  run: string;
  /** Of the call; none is used twice by a run. */
  call: string;
  /**
   * The task that it is for; to be said when money is set aside, or when none was. Where somebody else ends the claim that it is made in, the
   * task keeps what the call did cost, or may have cost.
   */
  task?: string;
  /** US dollars; absent: the price is not known. */
  usd?: number;
}

export interface ReserveAnswer {
  granted: boolean;
  pool: Pool;
  /**
   * Where it was refused: what of `pool.reservedUsd` belongs to other runs that live but hold no task under a lease that lasts, and so may
   * have been stopped. US dollars, by run.
   */
  stalled?: Record<string, number>;
}

/** What whoever looks after a store may tell the runs that work on it. */
export const RUN_COMMANDS = ['pause', 'resume', 'stop'] as const;

/** `trip` is what one run tells the others when its safety check stopped it over what they all work on. */
export type RunCommand = (typeof RUN_COMMANDS)[number] | 'trip';

/** Whether nothing takes it back. */
export function isFinal(command: RunCommand | undefined): boolean {
  return command === 'stop' || command === 'trip';
}

export interface Telling {
  command: RunCommand;
  /** Grows with each time that this run is told something: so the same word is known from the same telling. */
  number: number;
}

/** What a run lets others see of itself. */
export interface RunNote {
  safety?: {
    /** Limits of which half or more is used up. */
    near: readonly Gauge[];
    /** Tasks that it leaves pending, because a call for them does not fit into the budget: how many, and why the first one. */
    leftOut?: { count: number; reason: string } | undefined;
    /** Why it is being stopped. */
    tripped?: string;
  };
  /** What it has learned of the limits of a service that runs share. */
  limits?: LearnedLimits;
  /** What that service has told this run itself. */
  holds?: Holds;
}

/** Why a run ended before its work did. */
export interface StoppedRun extends StopReason {
  run: string;
  /** When it left. ISO 8601. */
  at: string;
}

export interface LiveRun extends RunInfo, RunNote {
  told?: RunCommand;
}
