import type { StopReason } from '../../model/event.ts';
import type { Pool } from '../../model/pool.ts';
import type { Checkpoint, Finding, Settlement } from '../../model/settlement.ts';
import type { Counts, Lease, NewTask, Task, TaskEdit } from '../../model/task.ts';
import type { Ahead, Survey, SurveyRequest } from '../../ports/survey.ts';
import type {
  ClaimAnswer,
  ClaimRequest,
  Intake,
  ListFilter,
  LiveRun,
  NothingToClaim,
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
import { LateLeases } from '../late-leases.ts';
import { poolOf } from '../ledger.ts';
import type { TableOperations } from '../table-operations.ts';
import { Access } from './access.ts';
import { claimsOf, whyNothing } from './batch/claims.ts';
import { commitBatch } from './batch/commit.ts';
import { type Change, Cycle } from './batch/cycle.ts';
import type { Needs } from './batch/needs.ts';
import { Pace } from './batch/pace.ts';
import type { Shared } from './batch/shared.ts';
import { readWorkingSet } from './batch/working-set.ts';
import { addPacked } from './bulk/add-packed.ts';
import { Analysis } from './bulk/analysis.ts';
import { PackedIntake } from './bulk/packed-intake.ts';
import type { Database, Session } from './connection/database.ts';
import { Members } from './members.ts';
import { byOwnClock } from './own-clock.ts';
import type { PostgresStoreParts } from './parts.ts';
import { Grace } from './runs/grace.ts';
import { Runs } from './runs/runs.ts';
import { aheadOf } from './survey/ahead.ts';
import { readTally } from './survey/read-tally.ts';
import { surveyAll } from './survey/survey-all.ts';
import { surveySome } from './survey/survey-some.ts';
import { checkPriorities, checkPriority } from './tables/check-priority.ts';
import { readFact } from './tables/facts.ts';
import { getTask, listTasks } from './tables/look-up.ts';
import type { Names } from './tables/names.ts';
import { Channel } from './telling/channel.ts';
import { Promises } from './telling/promises.ts';
import { Wants } from './telling/wants.ts';

/** Who closes does not wait longer for a database that was lost, in milliseconds. */
const CLOSING_MS = 3000;

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
  readonly #shared: Shared;
  readonly #access: Access;
  readonly #cycle: Cycle;
  readonly #channel: Channel;
  readonly #members: Members;
  readonly #promises: Promises;
  readonly #analysis: Analysis;
  /** Whether a run of this process has spent money, or meant to. */
  #spends = false;

  constructor({ database, queue, names }: PostgresStoreParts) {
    this.#database = database;
    this.#names = names;
    this.#analysis = new Analysis(names);
    const runs = new Runs(names);
    this.#shared = {
      queue,
      names,
      runs,
      wants: new Wants(() => runs.own),
      late: new LateLeases(),
      looks: new Pace(),
      news: new Pace(),
      grace: new Grace(),
      database,
    };
    this.#access = new Access(database);
    // What was lost may be there again: others wait to see who comes back.
    const { wants } = this.#shared;
    this.#channel = new Channel(database, names.schema, wants, () => this.#members.sayAlive());
    this.#members = new Members(database, this.#access, this.#shared, this.#channel);
    this.#promises = new Promises((task) => {
      const tell = (session: Session) => this.#channel.tell(session, [{ word: 'runnable', tasks: [task] }]);
      // Who cannot be reached looks when he is there again.
      void this.#access.read(tell).catch(() => {});
    });
    this.#cycle = new Cycle(this.#access.turns, async (batch) => {
      const { messages, ...outcome } = await database.transaction(async (session, now) => {
        const committed = await commitBatch(session, batch, now, this.#shared);
        await this.#channel.tell(session, committed.messages);
        return committed;
      });
      // Others leave it to a run of this process.
      for (const { word, tasks = [] } of messages) {
        if (word !== 'spoken-for') continue;
        this.#promises.made(tasks);
        this.#channel.wake();
      }
      return outcome;
    });
  }

  /**
   * @param url `postgres://user:password@host:5432/database`; `sslmode` as libpq has it, `schema` says where the tables lie (default `orch`).
   * @throws OrchError `usage`; `store-missing`; `store-unusable`: it cannot be reached, a newer orch has been there, or the packages are not installed.
   */
  static async connect(
    url: string,
    { create = true, onOutage }: PostgresTaskStoreOptions = {},
  ): Promise<PostgresTaskStore> {
    const { connectedParts } = await import('./parts.ts');
    return new PostgresTaskStore(await connectedParts(url, create, { onOutage }));
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    const named = tasks.flatMap(({ id, after = [] }) => [...(id === undefined ? [] : [id]), ...after]);
    // A circle needs a task that is named before it is there.
    const needs = { tasks: named, withAfter: true, withDependents: true, counter: true };
    const added = await this.#change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.add(tasks);
    });
    await this.#known(added.tasks.length);
    return added.tasks;
  }

  intake(): Intake {
    this.#access.refuseClosed();
    return new PackedIntake(async (packed) => {
      const added = await this.#access.transaction(async (session, now) => {
        const closed = await this.#shared.runs.lookIfClosed(session);
        if (closed) throw closed;
        const done = await addPacked(session, packed, now, this.#shared);
        await this.#channel.tell(session, [{ word: 'runnable' }]);
        return done;
      });
      await this.#known(added.count);
      return added;
    });
  }

  async import(tasks: Task[]): Promise<Task[]> {
    const named = tasks.flatMap(({ id, after = [] }) => [id, ...after]);
    const needs = { tasks: named, withAfter: true, counter: true };
    const fresh = await this.#change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.import(tasks);
    });
    await this.#known(fresh.length);
    return fresh;
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    this.#access.refuseClosed();
    const { runs, wants } = this.#shared;
    if (!runs.own.includes(request.run))
      throw new Error(`run ${request.run} has to join the store before it claims`);
    if (runs.closed) return { heldByOthers: 0, closed: runs.closed };
    const still = wants.isAskedAgain(request) ? await this.#stillNothing(request) : undefined;
    const answer = still ?? (await this.#cycle.claim(request));
    wants.answered(request, answer);
    if (answer.task) this.#promises.kept(answer.task.id);
    return byOwnClock(answer, this.#database.aheadMs);
  }

  /** One that waits for work asks often, and mostly in vain: that takes one statement. Undefined: there may be something. */
  #stillNothing(request: ClaimRequest): Promise<NothingToClaim | undefined> {
    const { runs, names, grace } = this.#shared;
    return this.#access.read(async (session) => {
      const { isSure, why, now } = await whyNothing(session, request, runs.own, names);
      this.#database.tick(now);
      // The grace after an outage begins with the first look after it.
      grace.spared(this.#database.lostAt, now);
      return isSure && !runs.isBeatDue(now) ? why : undefined;
    });
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#change(this.#ofLease(lease), (operations) => operations.checkpoint(lease, checkpoint));
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#change(this.#ofLease(lease), (operations) => operations.settle(lease, settlement));
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#access.transaction(async (session, now) => {
      await this.#shared.runs.beatIfDue(session, now);
      const held = await claimsOf(session, leases, this.#names, 'FOR UPDATE OF c');
      await this.#shared.queue.touch(session, [...held.values()], leaseMs);
      return leases.filter(({ token }) => !held.has(token));
    });
  }

  async lost(leases: Lease[]): Promise<Lease[]> {
    const held = await this.#access.read((session) => claimsOf(session, leases, this.#names));
    return leases.filter(({ token }) => !held.has(token));
  }

  get(id: string): Promise<Task | undefined> {
    return this.#access.read((session) => getTask(session, id, this.#names));
  }

  list(filter: ListFilter = {}): AsyncIterable<Task> {
    return listTasks((work) => this.#access.read(work), filter, this.#names);
  }

  async counts(): Promise<Counts> {
    return (await this.#access.read((session) => readTally(session, this.#names))).counts;
  }

  survey(request: SurveyRequest): Promise<Survey> {
    const { only } = request;
    return this.#access.read((session) =>
      only ? surveySome(session, only, request, this.#names) : surveyAll(session, request, this.#names),
    );
  }

  ahead(id: string): Promise<Ahead> {
    return this.#access.read((session) => aheadOf(session, id, this.#names));
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

  join(run: RunInfo): Promise<number> {
    return this.#members.join(run);
  }

  leave(runId: string, stop?: StopReason): Promise<void> {
    return this.#members.leave(runId, stop);
  }

  async lastStop(): Promise<StoppedRun | undefined> {
    const value = await this.#access.read((session) => readFact(session, 'last-stop', this.#names));
    return value === undefined ? undefined : (JSON.parse(value) as StoppedRun);
  }

  note(runId: string, note: RunNote): Promise<void> {
    return this.#members.note(runId, note);
  }

  runs(): Promise<LiveRun[]> {
    return this.#members.live();
  }

  control(command: RunCommand): Promise<LiveRun[]> {
    return this.#members.control(command);
  }

  told(runId: string): Promise<Telling | undefined> {
    return this.#members.told(runId);
  }

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const answer = await this.#reserve(request, this.#money);
    this.#shared.wants.isShort = !answer.granted;
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

  pool(): Promise<Pool | undefined> {
    return this.#access.read(async (session) => {
      const set = await readWorkingSet(session, { ledger: true }, this.#names);
      return poolOf(set.table.ledger, await this.#shared.runs.live(session));
    });
  }

  changes(listener: () => void): () => void {
    return this.#channel.listen(listener);
  }

  hurry(ms: number): void {
    // Who ends takes nothing more.
    this.#shared.wants.forget();
    this.#database.hurry(ms);
  }

  async close(): Promise<void> {
    if (this.#access.isClosed) return;
    this.hurry(CLOSING_MS);
    this.#channel.close();
    this.#promises.clear();
    await this.#access.close(this.#members.close());
  }

  /** They are there, whatever comes of this. */
  async #known(count: number): Promise<void> {
    await this.#access.read((session) => this.#analysis.added(session, count)).catch(() => {});
  }

  #change<T>(needs: Needs, apply: (operations: TableOperations) => T): Promise<T> {
    return this.#do({ needs, apply, isNew: needs.held === undefined });
  }

  async #do<T>(change: Change<T>): Promise<T> {
    this.#access.refuseClosed();
    const { wants } = this.#shared;
    return this.#cycle.change(change).finally(() => wants.changed());
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
}
