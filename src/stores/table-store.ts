import type { StopReason } from '../model/event.ts';
import type { Pool } from '../model/pool.ts';
import type { Checkpoint, Finding, Settlement } from '../model/settlement.ts';
import type { Counts, Lease, NewTask, Task, TaskEdit } from '../model/task.ts';
import type { Ahead, Survey, SurveyRequest } from '../ports/survey.ts';
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
} from '../ports/task-store.ts';
import type { AddedTasks } from './apply-plan.ts';
import { canAddBlindly } from './blind-operations.ts';
import { poolOf } from './ledger.ts';
import { ListIntake } from './list-intake.ts';
import { aheadIn, surveyTable } from './survey-table.ts';
import type { TaskTable } from './task-table.ts';
import type { Work } from './work.ts';

/**
 * A store whose state is one table: what each operation asks of it stands here, for all such stores. How a change is made and kept, how
 * the table is read, and which runs live, is for each of them to say.
 */
export abstract class TableStore implements TaskStore {
  /** Makes a change, and resolves once it is kept. */
  protected abstract change<T>(work: Work<T>): Promise<T>;

  /** The table as it stands. */
  protected abstract read(): Promise<TaskTable>;

  protected abstract liveRuns(): RunInfo[];

  /** Milliseconds since the epoch. */
  protected abstract now(): number;

  abstract join(run: RunInfo): Promise<number>;
  abstract leave(runId: string, stop?: StopReason): Promise<void>;
  abstract note(runId: string, note: RunNote): Promise<void>;
  abstract told(runId: string): Promise<Telling | undefined>;
  abstract changes(listener: () => void): () => void;
  abstract close(): Promise<void>;

  async add(tasks: NewTask[]): Promise<Task[]> {
    return (await this.#addListed(tasks)).tasks;
  }

  intake(): Intake {
    return new ListIntake((tasks) => this.#addListed(tasks));
  }

  import(tasks: Task[]): Promise<Task[]> {
    return this.change({ apply: (operations) => operations.import(tasks), confirms: true });
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.change({ apply: (operations) => operations.claim(request) });
  }

  checkpoint(lease: Lease, checkpoint: Checkpoint): Promise<Task> {
    return this.change({ apply: (operations) => operations.checkpoint(lease, checkpoint) });
  }

  settle(lease: Lease, settlement: Settlement): Promise<Task> {
    return this.change({
      apply: (operations) => operations.settle(lease, settlement),
      // A run may have to end over it.
      holdsUp: settlement.status === 'failed',
    });
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    return this.change({ apply: (operations) => operations.renew(leases, leaseMs) });
  }

  async lost(leases: Lease[]): Promise<Lease[]> {
    const table = await this.read();
    return leases.filter(({ taskId, token }) => table.get(taskId)?.lease?.token !== token);
  }

  async get(id: string): Promise<Task | undefined> {
    return (await this.read()).get(id);
  }

  async *list(filter?: ListFilter): AsyncIterable<Task> {
    yield* (await this.read()).list(filter);
  }

  async counts(): Promise<Counts> {
    return (await this.read()).counts();
  }

  async survey(request: SurveyRequest): Promise<Survey> {
    return surveyTable(await this.read(), request, this.now());
  }

  async ahead(id: string): Promise<Ahead> {
    return aheadIn(await this.read(), id, this.now());
  }

  reset(selection: ResetSelection): Promise<Task[]> {
    return this.change({ apply: (operations) => operations.reset(selection), confirms: true });
  }

  retry(ids: string[], feedback?: string): Promise<Task[]> {
    return this.change({ apply: (operations) => operations.retry(ids, feedback) });
  }

  edit(id: string, edit: TaskEdit): Promise<Task> {
    return this.change({ apply: (operations) => operations.edit(id, edit), confirms: true });
  }

  reopen(id: string, result: string, finding: Finding): Promise<Task> {
    return this.change({ apply: (operations) => operations.reopen(id, result, finding) });
  }

  cancel(ids: string[]): Promise<Task[]> {
    return this.change({ apply: (operations) => operations.cancel(ids) });
  }

  remove(ids: string[]): Promise<void> {
    return this.change({ apply: (operations) => operations.remove(ids) });
  }

  async lastStop(): Promise<StoppedRun | undefined> {
    return (await this.read()).lastStop;
  }

  async runs(): Promise<LiveRun[]> {
    return withTold(await this.read(), this.liveRuns());
  }

  /** The runs are told first, before a large store is read to say what each was told last. */
  async control(command: RunCommand): Promise<LiveRun[]> {
    const tell = (operations: { control(command: RunCommand, runs: string[]): void }): RunInfo[] => {
      const runs = this.liveRuns();
      operations.control(
        command,
        runs.map(({ id }) => id),
      );
      return runs;
    };
    const runs = await this.change({ apply: tell, applyBlindly: tell });
    return runs.length === 0 ? [] : withTold(await this.read(), runs);
  }

  reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.change({ apply: (operations) => operations.reserve(request, this.liveRuns()) });
  }

  spend(request: ReserveRequest): Promise<Pool> {
    return this.change({ apply: (operations) => operations.spend(request, this.liveRuns()) });
  }

  async pool(): Promise<Pool | undefined> {
    const { ledger } = await this.read();
    return poolOf(ledger, this.liveRuns());
  }

  async #addListed(tasks: readonly NewTask[]): Promise<AddedTasks> {
    return this.change({
      apply: (operations) => operations.add(tasks),
      applyBlindly: canAddBlindly(tasks) ? (operations) => operations.add(tasks) : undefined,
      confirms: true,
    });
  }
}

/** Runs with what each was told last, if anything. */
function withTold(table: TaskTable, runs: readonly RunInfo[]): LiveRun[] {
  const all = table.told();
  return runs.map((run) => {
    const told = all.get(run.id);
    return told ? { ...run, told: told.command } : run;
  });
}
