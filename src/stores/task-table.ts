import { OrchError } from '../model/errors.ts';
import type { Counts, Task } from '../model/task.ts';
import {
  checkpointed,
  claimed,
  created,
  edited,
  renewed,
  reopened,
  resetTask,
  retried,
  settled,
} from '../model/transitions.ts';
import {
  isFinal,
  type ListFilter,
  type RunCommand,
  type StoppedRun,
  type Telling,
} from '../ports/task-store.ts';
import { type Entry, isShelved, type Shelf, taskOf } from './entry.ts';
import { InProgress } from './in-progress.ts';
import { Ledger } from './ledger.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { TableRecord } from './record.ts';
import { numberAfter } from './task-ids.ts';

/** What a table starts from. */
interface TableContent {
  entries: Iterable<Entry>;
  /** Number of the next automatic id. */
  nextId: number;
}

/** A record that changes one task which is there already. */
export type TaskChange = Extract<
  TableRecord,
  { op: 'claim' | 'checkpoint' | 'settle' | 'reset' | 'retry' | 'edit' | 'reopen' }
>;

/**
 * The tasks of a store in memory: the fold of all records so far. Tasks are immutable; a record puts a new one in the old one's
 * place. What may be done, and which records come of it, is `TableOperations`' to say.
 */
export class TaskTable {
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new ReadyQueue((id) => this.#entries.get(id));
  readonly #inProgress = new InProgress();
  readonly #counts = { pending: 0, in_progress: 0, completed: 0, failed: 0 };
  readonly #told = new Map<string, Telling>();
  /** Money of the runs that live, and of those that they overlapped. */
  readonly ledger = new Ledger();
  /** What stopped the run that left last. */
  lastStop: StoppedRun | undefined;
  readonly #shelf: Shelf | undefined;
  readonly #shelvesAll: boolean;
  #nextId: number;
  #lastAt = '';

  /**
   * @param shelf where tasks that have ended are put. Default: they stay in memory.
   * @param shelvesAll the others are put there too: such a table says which tasks there are, and not which could be done.
   */
  constructor(content: TableContent = { entries: [], nextId: 1 }, shelf?: Shelf, shelvesAll = false) {
    this.#shelf = shelf;
    this.#shelvesAll = shelvesAll;
    this.#nextId = content.nextId;
    for (const entry of content.entries) {
      this.#put(entry);
      this.reserve(numberAfter(entry.id));
    }
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** No automatic id below this one is given any more. */
  reserve(nextId: number): void {
    this.#nextId = Math.max(this.#nextId, nextId);
  }

  get queue(): Pick<ReadyQueue, 'next' | 'nextDue' | 'dependents'> {
    return this.#queue;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** In the order they were added. */
  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** Those that somebody works on, or worked on when it died. */
  inProgress(): Pick<InProgress, 'get' | 'forEach' | 'isAllOf'> {
    return this.#inProgress;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  get(id: string): Task | undefined {
    const entry = this.#entries.get(id);
    return entry && taskOf(entry);
  }

  /** As they stand at the call, in the order they were added; what is on the shelf is read when it is its turn. */
  list({ status }: ListFilter = {}): Iterable<Task> {
    const all = status === 'in_progress' ? [...this.#inProgress.values()] : [...this.#entries.values()];
    return matching(all, status);
  }

  counts(): Counts {
    return { ...this.#counts, blocked: this.#queue.blocked, total: this.#entries.size };
  }

  /** What each run was told last. */
  told(): Map<string, Telling> {
    return this.#told;
  }

  /** What a record makes of its task. @throws `store-unusable`: it names a task that does not exist. */
  taskAfter(record: TaskChange): Task {
    switch (record.op) {
      case 'claim':
        return claimed(this.#known(record.lease.taskId), record.lease);
      case 'checkpoint':
        return checkpointed(this.#known(record.id), record.checkpoint);
      case 'settle':
        return settled(this.#known(record.id), record.settlement, record.at);
      case 'reset':
        return this.#withoutGone(resetTask(this.#known(record.id), record.at, record.usage));
      case 'retry':
        return this.#withoutGone(retried(this.#known(record.id), record.feedback));
      case 'edit':
        return edited(this.#known(record.id), record.edit, record.at);
      case 'reopen':
        return this.#withoutGone(reopened(this.#known(record.id), record.finding, record.at));
    }
  }

  /** @param task what the record comes to, where that is known already. */
  apply(record: TableRecord, task?: Task): void {
    switch (record.op) {
      case 'add':
        this.#put(task ?? created(record.task, record.task.id, this.#sameTime(record.at)));
        this.reserve(numberAfter(record.task.id));
        break;
      case 'import':
        this.#put(record.task);
        this.reserve(numberAfter(record.task.id));
        break;
      case 'renew':
        for (const id of record.ids) this.#put(renewed(this.#known(id), record.expiresAt));
        break;
      case 'remove':
        this.#delete(record.id);
        this.ledger.accounted(record);
        break;
      case 'control':
        for (const run of record.runs) this.#tell(run, record.command);
        break;
      case 'left': {
        const { run, at, stop } = record;
        this.lastStop = stop && { ...stop, run, at };
        break;
      }
      case 'unstop':
        this.lastStop = undefined;
        break;
      case 'join':
      case 'reserve':
      case 'spend':
        this.ledger.apply(record);
        break;
      case 'claim':
      case 'retry':
      case 'edit':
      case 'reopen':
        this.#put(task ?? this.taskAfter(record));
        break;
      case 'checkpoint':
      case 'settle':
      case 'reset':
        this.#put(task ?? this.taskAfter(record));
        this.ledger.accounted(record);
        break;
    }
  }

  /** A run that was told to stop does: nothing that comes after it can take that back. */
  #tell(run: string, command: RunCommand): void {
    const last = this.#told.get(run);
    if (!isFinal(last?.command)) this.#told.set(run, { command, number: (last?.number ?? 0) + 1 });
  }

  /** Tasks that were added together share one text for it. */
  #sameTime(at: string): string {
    if (at !== this.#lastAt) this.#lastAt = at;
    return this.#lastAt;
  }

  #known(id: string): Task {
    const task = this.get(id);
    if (!task)
      throw new OrchError(
        'store-unusable',
        `A change in the store names task ${id}, which does not exist; \`orch doctor --take file\` goes on without the changes of the journal`,
      );
    return task;
  }

  /** What was removed since the task was completed is no longer waited for. */
  #withoutGone(task: Task): Task {
    if (!task.after || task.after.every((id) => this.#entries.has(id))) return task;
    const { after, ...rest } = task;
    const there = after.filter((id) => this.#entries.has(id));
    return there.length ? { ...rest, after: there } : rest;
  }

  #put(entry: Entry): void {
    const { id } = entry;
    const before = this.#entries.get(id);
    if (before) this.#counts[before.status]--;
    this.#counts[entry.status]++;
    const kept = this.#shelved(entry);
    this.#entries.set(id, kept);
    if (isShelved(kept) || kept.status !== 'in_progress') this.#inProgress.delete(id);
    else this.#inProgress.set(kept);
    this.#queue.update(id, before, kept);
  }

  #shelved(entry: Entry): Entry {
    if (!this.#shelf || isShelved(entry)) return entry;
    const isOver = entry.status === 'completed' || entry.status === 'failed';
    if (!isOver && !this.#shelvesAll) return entry;
    return this.#shelf.put(entry) ?? entry;
  }

  #delete(id: string): void {
    const before = this.#entries.get(id);
    if (!before) return;
    this.#counts[before.status]--;
    this.#entries.delete(id);
    this.#inProgress.delete(id);
    this.#queue.update(id, before, undefined);
  }
}

function* matching(entries: Entry[], status: string | undefined): Iterable<Task> {
  for (const entry of entries) if (status === undefined || entry.status === status) yield taskOf(entry);
}
