import type { NewTask, Task } from '../../model/task.ts';
import type { Added, Intake } from '../../ports/task-store.ts';
import { PackedIntake } from '../packed-intake.ts';
import type { PackedTasks } from '../packed-tasks.ts';
import type { Access } from './access.ts';
import type { Shared } from './batch/shared.ts';
import { addPacked } from './bulk/add-packed.ts';
import { Analysis } from './bulk/analysis.ts';
import { TemporaryLog } from './bulk/temporary-log.ts';
import type { Commits } from './commits.ts';
import { checkPriorities, checkPriority } from './tables/check-priority.ts';
import type { Channel } from './telling/channel.ts';

/** How tasks come into a store: as a list, one by one, or whole from elsewhere. The database's planner is told where they are many. */
export class Incoming {
  readonly #access: Access;
  readonly #shared: Shared;
  readonly #channel: Channel;
  readonly #commits: Commits;
  readonly #analysis: Analysis;

  constructor(access: Access, shared: Shared, channel: Channel, commits: Commits) {
    this.#access = access;
    this.#shared = shared;
    this.#channel = channel;
    this.#commits = commits;
    this.#analysis = new Analysis(shared.names);
  }

  async add(tasks: NewTask[]): Promise<Task[]> {
    const named = tasks.flatMap(({ id, after = [] }) => [...(id === undefined ? [] : [id]), ...after]);
    // A circle needs a task that is named before it is there.
    const needs = { tasks: named, withAfter: true, withDependents: true, counter: true };
    const added = await this.#commits.change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.add(tasks);
    });
    await this.#analyse(added.tasks.length);
    return added.tasks;
  }

  async import(tasks: Task[]): Promise<Task[]> {
    const named = tasks.flatMap(({ id, after = [] }) => [id, ...after]);
    const needs = { tasks: named, withAfter: true, counter: true };
    const fresh = await this.#commits.change(needs, (operations) => {
      checkPriorities(tasks);
      return operations.import(tasks);
    });
    await this.#analyse(fresh.length);
    return fresh;
  }

  intake(): Intake {
    this.#access.refuseClosed();
    return new PackedIntake(
      new TemporaryLog(),
      (packed) => this.#addPacked(packed),
      ({ priority }) => checkPriority(priority),
    );
  }

  /** In a transaction of their own: there may be many. */
  async #addPacked(packed: PackedTasks): Promise<Added> {
    const added = await this.#access.transaction(async (session, now) => {
      const closed = await this.#shared.runs.lookIfClosed(session);
      if (closed) throw closed;
      const done = await addPacked(session, packed, now, this.#shared);
      await this.#channel.tell(session, [{ word: 'runnable' }]);
      return done;
    });
    await this.#analyse(added.count);
    return added;
  }

  /** The tasks are there, whatever comes of this. */
  async #analyse(count: number): Promise<void> {
    await this.#access.read((session) => this.#analysis.added(session, count)).catch(() => {});
  }
}
