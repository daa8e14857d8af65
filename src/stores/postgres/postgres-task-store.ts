import { isoTime } from '../../model/clock.ts';
import { OrchError } from '../../model/errors.ts';
import type { StopReason } from '../../model/event.ts';
import type { Pool } from '../../model/pool.ts';
import type { Checkpoint, Finding, Settlement } from '../../model/settlement.ts';
import type { Counts, Lease, NewTask, Task, TaskEdit, TaskStatus } from '../../model/task.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  Intake,
  ListFilter,
  LiveRun,
  ReserveAnswer,
  ReserveRequest,
  ResetSelection,
  RunCommand,
  RunInfo,
  RunNote,
  StoppedRun,
  TaskStore,
  Telling,
} from '../../ports/task-store.ts';
import type { AddedTasks } from '../apply-plan.ts';
import { LateLeases } from '../late-leases.ts';
import { poolOf } from '../ledger.ts';
import { ListIntake } from '../list-intake.ts';
import { Listeners } from '../listeners.ts';
import type { TableOperations } from '../table-operations.ts';
import { checkPriorities, checkPriority } from './check-priority.ts';
import { claimsOf } from './claims.ts';
import { commitBatch, operationsOn, type Parts } from './commit.ts';
import { type Change, Cycle } from './cycle.ts';
import type { Database, Session } from './database.ts';
import { type Names, QUEUE, taskColumns, taskSource } from './names.ts';
import type { Needs } from './needs.ts';
import { Grace, Pace } from './pace.ts';
import type { PostgresStoreParts } from './parts.ts';
import { type JobState, type TaskRow, taskOfRow } from './rows.ts';
import { Runs } from './runs.ts';
import { Tellings } from './tellings.ts';
import type { Told } from './told.ts';
import { Turns } from './turns.ts';
import { Wakes } from './wakes.ts';
import { readWorkingSet } from './working-set.ts';
import { writeBack } from './write-back.ts';

/** How often the runs of this process say that they live, in milliseconds. */
const BEAT_MS = 10_000;

/** Who closes does not wait longer for a database that was lost, in milliseconds. */
const CLOSING_MS = 3000;

/** Tasks that are read at once by `list`. */
const PAGE = 1000;

export interface PostgresTaskStoreOptions {
  /** Makes the store where there is none. Default: true. */
  create?: boolean;
  /**
   * Told in a sentence that the database was lost, and that it is there again. Whatever waits for it is tried again for five minutes, and rejects
   * then.
   */
  onOutage?: (sentence: string) => void;
}

/** Tasks on PostgreSQL 13 or later, for any number of machines. The packages `pg` and `pg-boss` have to be installed for it. */
export class PostgresTaskStore implements TaskStore {
  readonly #database: Database;
  readonly #names: Names;
  readonly #parts: Parts;
  readonly #runs: Runs;
  readonly #turns = new Turns();
  readonly #cycle: Cycle;
  readonly #listeners = new Listeners();
  readonly #tellings = new Tellings();
  readonly #wakes = new Wakes(() => this.#listeners.tell());
  readonly #beat: NodeJS.Timeout;
  #listening: Promise<void> | undefined;
  #saying: Promise<void> | undefined;
  /** Whether a run of this process has spent money, or meant to. */
  #spends = false;
  #closed = false;

  constructor({ database, queue, names }: PostgresStoreParts) {
    this.#database = database;
    this.#names = names;
    this.#runs = new Runs(names);
    this.#parts = {
      queue,
      names,
      runs: this.#runs,
      late: new LateLeases(),
      looks: new Pace(),
      news: new Pace(),
      grace: new Grace(),
      database,
    };
    this.#cycle = new Cycle(this.#turns, (batch) =>
      this.#transaction(async (session, now) => {
        const { told, ...outcome } = await commitBatch(session, batch, now, this.#parts);
        await this.#tell(session, told);
        return outcome;
      }),
    );
    this.#beat = setInterval(() => this.#sayAlive(), BEAT_MS);
    this.#beat.unref();
  }

  /**
   * @param url `postgres://user:password@host:5432/database`; `sslmode` as libpq has it, `schema` says where the tables lie (default `orch`).
   * @throws OrchError `usage`; `store-missing`; `store-unusable`: it cannot be reached, a newer orch has been there, or the packages are not installed.
   */
  static async connect(
    url: string,
    { create = true, onOutage }: PostgresTaskStoreOptions = {},
  ): Promise<PostgresTaskStore> {
    const { connectedParts } = await import('./connect.ts');
    return new PostgresTaskStore(await connectedParts(url, create, { onOutage }));
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    return (await this.#addListed(tasks)).tasks;
  }

  intake(): Intake {
    return new ListIntake((tasks) => this.#addListed(tasks));
  }

  #addListed(tasks: readonly NewTask[]): Promise<AddedTasks> {
    const named = tasks.flatMap(({ id, after = [] }) => [...(id === undefined ? [] : [id]), ...after]);
    // A circle needs a task that is named before it is there.
    const needs = { tasks: named, withAfter: true, withDependents: true, counter: true };
    return this.#change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.add(tasks);
    });
  }

  import(tasks: Task[]): Promise<Task[]> {
    const named = tasks.flatMap(({ id, after = [] }) => [id, ...after]);
    const needs = { tasks: named, withAfter: true, counter: true };
    return this.#change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.import(tasks);
    });
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    this.#refuseClosed();
    if (this.#runs.own.includes(request.run))
      return byOwnClock(await this.#cycle.claim(request), this.#database.aheadMs);
    throw new Error(`run ${request.run} has to join the store before it claims`);
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change(this.#ofLease(lease), (operations) => operations.checkpoint(lease, checkpoint));
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#change(this.#ofLease(lease), (operations) => operations.settle(lease, settlement));
  }

  async renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    this.#refuseClosed();
    return this.#turns.take(() =>
      this.#transaction(async (session, now) => {
        await this.#runs.beatIfDue(session, now);
        const held = await claimsOf(session, leases, this.#names, 'FOR UPDATE OF c');
        await this.#parts.queue.touch(session, [...held.values()], leaseMs);
        return leases.filter(({ token }) => !held.has(token));
      }),
    );
  }

  async lost(leases: Lease[]): Promise<Lease[]> {
    const held = await this.#reading((session) => claimsOf(session, leases, this.#names));
    return leases.filter(({ token }) => !held.has(token));
  }

  async get(id: string): Promise<Task | undefined> {
    const [row] = await this.#read<TaskRow>(
      `SELECT ${taskColumns(this.#names)} FROM ${taskSource(this.#names)} WHERE t.id = $1`,
      [id],
    );
    return row && taskOfRow(row);
  }

  async *list({ status }: ListFilter = {}): AsyncIterable<Task> {
    const states = status ? `AND j.state IN (${STATES[status].map((state) => `'${state}'`).join(', ')})` : '';
    let last = '0';
    for (;;) {
      const rows = await this.#read<TaskRow & { seq: string }>(
        `SELECT ${taskColumns(this.#names)}, t.seq::text AS seq FROM ${taskSource(this.#names)}
         WHERE t.seq > $1 ${states} ORDER BY t.seq LIMIT ${PAGE}`,
        [last],
      );
      for (const row of rows) yield taskOfRow(row);
      const end = rows.at(-1);
      if (!end || rows.length < PAGE) return;
      last = end.seq;
    }
  }

  async counts(): Promise<Counts> {
    const rows = await this.#read<{ state: JobState; blocked: boolean; count: number }>(
      `SELECT state, blocked, count(*)::int AS count FROM ${this.#names.job}
       WHERE name = '${QUEUE}' GROUP BY state, blocked`,
    );
    const sum = (states: readonly JobState[], only = (_: { blocked: boolean }) => true) =>
      rows
        .filter((row) => states.includes(row.state) && only(row))
        .reduce((all, { count }) => all + count, 0);
    return {
      pending: sum(STATES.pending),
      in_progress: sum(STATES.in_progress),
      completed: sum(STATES.completed),
      failed: sum(STATES.failed),
      blocked: sum(STATES.pending, ({ blocked }) => blocked),
      total: rows.reduce((all, { count }) => all + count, 0),
    };
  }

  reset(selection: ResetSelection): Promise<Task[]> {
    const which: Needs =
      typeof selection === 'object'
        ? { tasks: selection.ids }
        : { every: selection === 'all' ? 'task' : 'failed' };
    const needs = { ...which, withAfter: true, ledger: true, lastStop: true };
    return this.#change(needs, (operations) => operations.reset(selection));
  }

  retry(ids: string[], feedback?: string): Promise<Task[]> {
    return this.#change({ tasks: ids, withAfter: true }, (operations) => operations.retry(ids, feedback));
  }

  edit(id: string, edit: TaskEdit): Promise<Task> {
    const needs = { tasks: [id, ...(edit.after ?? [])], withAfter: true };
    return this.#change(needs, (operations) => {
      checkPriority(edit.priority);
      return operations.edit(id, edit);
    });
  }

  reopen(id: string, result: string, finding: Finding): Promise<Task> {
    const needs = { tasks: [id], withAfter: true };
    return this.#change(needs, (operations) => operations.reopen(id, result, finding));
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.#change({ tasks: ids, ledger: true }, (operations) => operations.cancel(ids));
  }

  remove(ids: string[]): Promise<void> {
    const needs = { tasks: ids, withDependents: true, ledger: true };
    return this.#change(needs, (operations) => operations.remove(ids));
  }

  async join(run: RunInfo): Promise<number> {
    this.#refuseClosed();
    if (this.#runs.own.includes(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
    const before = await this.#turns.take(() =>
      this.#transaction(async (session, now) => {
        const count = await this.#runs.join(session, run);
        await this.#on(session, now, { ledger: true, lastStop: true }, (operations) =>
          operations.join(run.id),
        );
        await this.#tell(session, new Set(['runs']));
        return count;
      }),
    );
    this.#runs.joined(run);
    return before;
  }

  async leave(runId: string, stop?: StopReason): Promise<void> {
    this.#refuseClosed();
    await this.#turns.take(() =>
      this.#transaction(async (session, now) => {
        if (!(await this.#runs.leave(session, runId))) return;
        await this.#on(session, now, { lastStop: true }, (operations) => operations.left(runId, stop));
        // What it held, and its cap, are gone.
        await this.#tell(session, new Set(['runnable']));
      }),
    );
    this.#runs.left(runId);
    this.#parts.looks.due();
  }

  async lastStop(): Promise<StoppedRun | undefined> {
    const value = await this.#fact('last-stop');
    return value === undefined ? undefined : (JSON.parse(value) as StoppedRun);
  }

  async note(runId: string, note: RunNote): Promise<void> {
    this.#refuseClosed();
    await this.#turns.take(() => this.#transaction((session) => this.#runs.note(session, runId, note)));
  }

  async runs(): Promise<LiveRun[]> {
    return this.#reading((session) => this.#runs.live(session));
  }

  async control(command: RunCommand): Promise<LiveRun[]> {
    this.#refuseClosed();
    return this.#turns.take(() =>
      this.#transaction(async (session) => {
        const ids = (await this.#runs.live(session)).map(({ id }) => id);
        await this.#runs.tell(session, ids, command);
        await this.#tell(session, new Set(['control']));
        return this.#runs.live(session);
      }),
    );
  }

  async told(runId: string): Promise<Telling | undefined> {
    this.#refuseClosed();
    return this.#tellings.of(runId, () => this.#reading((session) => this.#runs.told(session, runId)));
  }

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const answer = await this.#reserve(request, this.#money);
    if (answer.granted) return answer;
    // Who is refused is told which others may have been stopped.
    return this.#reserve(request, { ...this.#money, working: true });
  }

  spend(request: ReserveRequest): Promise<Pool> {
    return this.#do({
      needs: this.#money,
      apply: (operations, runs) => operations.spend(request, runs),
      // Somebody may be waiting for what is free again.
      tells: ({ capUsd }) => (capUsd === undefined ? undefined : 'money'),
    });
  }

  async pool(): Promise<Pool | undefined> {
    return this.#reading(async (session) => {
      const set = await readWorkingSet(session, { ledger: true }, this.#names);
      return poolOf(set.table.ledger, await this.#runs.live(session));
    });
  }

  changes(listener: () => void): () => void {
    this.#listening ??= this.#database
      .listen(channelOf(this.#names.schema), (payload) => this.#heard(payload))
      .then(() => this.#tellings.listening())
      // The store says so by itself, as soon as it is asked for anything.
      .catch(() => {});
    return this.#listeners.add(listener);
  }

  hurry(ms: number): void {
    this.#database.hurry(ms);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.hurry(CLOSING_MS);
    clearInterval(this.#beat);
    this.#listeners.clear();
    this.#wakes.clear();
    // A run does not outlive the store that it joined.
    const own = this.#runs.own;
    if (own.length > 0)
      await this.#turns.take(() => this.#transaction((session) => this.#end(session, own))).catch(() => {});
    await this.#turns.over();
    await this.#database.close();
  }

  /** @param payload what was told; '' where something may have been missed. */
  #heard(payload: string): void {
    if (payload === '' || payload === ('control' satisfies Told)) this.#tellings.forget();
    // What was lost may be there again: others wait to see who comes back.
    if (payload === '') this.#sayAlive();
    this.#wakes.hear(payload);
  }

  async #end(session: Session, runs: readonly string[]): Promise<void> {
    for (const run of runs) await this.#runs.leave(session, run);
    await this.#tell(session, new Set(['runnable']));
  }

  #change<T>(needs: Needs, apply: (operations: TableOperations) => T): Promise<T> {
    return this.#do({ needs, apply });
  }

  #do<T>(change: Change<T>): Promise<T> {
    return this.#closed ? Promise.reject(closed()) : this.#cycle.change(change);
  }

  /** Where its run has spent anything, the ledger is told that the task now tells of it. */
  #ofLease({ taskId }: Lease): Needs {
    return { held: [taskId], ledger: this.#spends };
  }

  #reserve(request: ReserveRequest, needs: Needs): Promise<ReserveAnswer> {
    return this.#do({ needs, apply: (operations, runs) => operations.reserve(request, runs) });
  }

  get #money(): Needs {
    this.#spends = true;
    return { ledger: true };
  }

  /** Does something to a part of the store, in a transaction that does other things too. */
  async #on<T>(
    session: Session,
    now: number,
    needs: Needs,
    apply: (operations: TableOperations) => T,
  ): Promise<T> {
    const set = await readWorkingSet(session, needs, this.#names);
    const operations = operationsOn(set, now, await this.#runs.live(session), this.#parts);
    const value = apply(operations);
    await writeBack(session, set, this.#parts.queue, this.#names);
    return value;
  }

  #transaction<T>(work: (session: Session, now: number) => Promise<T>): Promise<T> {
    return this.#database.transaction(work);
  }

  #reading<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#refuseClosed();
    return this.#turns.take(() => work(this.#database));
  }

  async #read<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return this.#reading((session) => session.query<R>(text, values));
  }

  async #fact(name: string): Promise<string | undefined> {
    const [row] = await this.#read<{ value: string | null }>(
      `SELECT value::text AS value FROM ${this.#names.fact} WHERE name = $1`,
      [name],
    );
    return row?.value ?? undefined;
  }

  async #tell(session: Session, told: ReadonlySet<Told>): Promise<void> {
    for (const each of told) {
      await session.query('SELECT pg_notify($1, $2)', [channelOf(this.#names.schema), each]);
    }
  }

  /** Who cannot be reached is told by the next call that has somebody to tell. */
  #sayAlive(): void {
    if (this.#runs.own.length === 0) return;
    this.#saying ??= this.#turns
      .take(() => this.#runs.beat(this.#database))
      .catch(() => {})
      .finally(() => {
        this.#saying = undefined;
      });
  }

  #refuseClosed(): void {
    if (this.#closed) throw closed();
  }
}

const STATES: Record<TaskStatus, readonly JobState[]> = {
  pending: ['created', 'retry'],
  in_progress: ['active'],
  completed: ['completed'],
  failed: ['failed', 'cancelled'],
};

/** Who waits for a time waits by this machine's clock. */
function byOwnClock(answer: ClaimAnswer, aheadMs: number): ClaimAnswer {
  if (answer.task || aheadMs === 0) return answer;
  const shifted = (time: string) => isoTime(Date.parse(time) + aheadMs);
  const { leaseEndsAt, dueAt } = answer;
  return {
    ...answer,
    ...(leaseEndsAt !== undefined && { leaseEndsAt: shifted(leaseEndsAt) }),
    ...(dueAt !== undefined && { dueAt: shifted(dueAt) }),
  };
}

function channelOf(schema: string): string {
  return `orch_${schema}`;
}

function closed(): OrchError {
  return new OrchError('store-unusable', 'The store has been closed; open a new one');
}
