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
import { Access } from './access.ts';
import type { Needs } from './batch/needs.ts';
import { Pace } from './batch/pace.ts';
import type { Shared } from './batch/shared.ts';
import { Claiming } from './claiming.ts';
import { Commits } from './commits.ts';
import type { Database } from './connection/database.ts';
import { Incoming } from './incoming.ts';
import { Members } from './members.ts';
import { Money } from './money.ts';
import type { PostgresStoreParts } from './parts.ts';
import { Grace } from './runs/grace.ts';
import { Runs } from './runs/runs.ts';
import { aheadOf } from './survey/ahead.ts';
import { readTally } from './survey/read-tally.ts';
import { surveyAll } from './survey/survey-all.ts';
import { surveySome } from './survey/survey-some.ts';
import { checkPriority } from './tables/check-priority.ts';
import { readFact } from './tables/facts.ts';
import { getTask, listTasks } from './tables/look-up.ts';
import type { Names } from './tables/names.ts';
import { Channel } from './telling/channel.ts';
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
  readonly #wants: Wants;
  readonly #access: Access;
  readonly #channel: Channel;
  readonly #members: Members;
  readonly #commits: Commits;
  readonly #incoming: Incoming;
  readonly #claiming: Claiming;
  readonly #money: Money;

  constructor({ database, queue, names }: PostgresStoreParts) {
    const runs = new Runs(names);
    const wants = new Wants(() => runs.own);
    const shared: Shared = {
      queue,
      names,
      runs,
      wants,
      late: new LateLeases(),
      looks: new Pace(),
      news: new Pace(),
      grace: new Grace(),
      database,
    };
    const access = new Access(database);
    // What was lost may be there again: others wait to see who comes back.
    const channel = new Channel(database, names.schema, wants, () => this.#members.sayAlive());
    const commits = new Commits(database, access, shared, channel);
    this.#database = database;
    this.#names = names;
    this.#wants = wants;
    this.#access = access;
    this.#channel = channel;
    this.#members = new Members(database, access, shared, channel);
    this.#commits = commits;
    this.#incoming = new Incoming(access, shared, channel, commits);
    this.#claiming = new Claiming(database, access, shared, commits);
    this.#money = new Money(access, shared, commits);
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

  add(tasks: NewTask[]): Promise<Task[]> {
    return this.#incoming.add(tasks);
  }

  intake(): Intake {
    return this.#incoming.intake();
  }

  import(tasks: Task[]): Promise<Task[]> {
    return this.#incoming.import(tasks);
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#claiming.claim(request);
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.#commits.change(this.#ofLease(lease), (operations) =>
      operations.checkpoint(lease, checkpoint),
    );
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.#commits.change(this.#ofLease(lease), (operations) => operations.settle(lease, settlement));
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.#claiming.renew(leases, leaseMs);
  }

  lost(leases: Lease[]): Promise<Lease[]> {
    return this.#claiming.lost(leases);
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
    return this.#commits.change(needs, (operations) => operations.reset(selection));
  }

  retry(ids: string[], feedback?: string): Promise<Task[]> {
    return this.#commits.change({ tasks: ids, withAfter: true }, (operations) =>
      operations.retry(ids, feedback),
    );
  }

  edit(id: string, edit: TaskEdit): Promise<Task> {
    const needs = { tasks: [id, ...(edit.after ?? [])], withAfter: true };
    return this.#commits.change(needs, (operations) => {
      checkPriority(edit.priority);
      return operations.edit(id, edit);
    });
  }

  reopen(id: string, result: string, finding: Finding): Promise<Task> {
    const needs = { tasks: [id], withAfter: true };
    return this.#commits.change(needs, (operations) => operations.reopen(id, result, finding));
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.#commits.change({ tasks: ids, ledger: true }, (operations) => operations.cancel(ids));
  }

  remove(ids: string[]): Promise<void> {
    const needs = { tasks: ids, withDependents: true, ledger: true };
    return this.#commits.change(needs, (operations) => operations.remove(ids));
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

  reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.#money.reserve(request);
  }

  spend(request: ReserveRequest): Promise<Pool> {
    return this.#money.spend(request);
  }

  pool(): Promise<Pool | undefined> {
    return this.#money.pool();
  }

  changes(listener: () => void): () => void {
    return this.#channel.listen(listener);
  }

  hurry(ms: number): void {
    // Who ends takes nothing more.
    this.#wants.forget();
    this.#database.hurry(ms);
  }

  async close(): Promise<void> {
    if (this.#access.isClosed) return;
    this.hurry(CLOSING_MS);
    this.#channel.close();
    this.#commits.close();
    await this.#access.close(this.#members.close());
  }

  /** Where its run has spent anything, the ledger is told that the task now tells of it. */
  #ofLease({ taskId }: Lease): Needs {
    return { held: [taskId], ledger: this.#money.isUsed };
  }
}
