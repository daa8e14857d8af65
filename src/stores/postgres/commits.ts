import type { ClaimAnswer, ClaimRequest } from '../../ports/task-store.ts';
import type { TableOperations } from '../table-operations.ts';
import type { Access } from './access.ts';
import { commitBatch } from './batch/commit.ts';
import { type Batch, type BatchOutcome, type Change, Cycle } from './batch/cycle.ts';
import type { Needs } from './batch/needs.ts';
import type { Shared } from './batch/shared.ts';
import type { Database, Session } from './connection/database.ts';
import type { Channel } from './telling/channel.ts';
import type { Message } from './telling/message.ts';
import { Promises } from './telling/promises.ts';

/** What is asked of a store is committed, many things together, and others are told of it. */
export class Commits {
  readonly #database: Database;
  readonly #access: Access;
  readonly #shared: Shared;
  readonly #channel: Channel;
  readonly #cycle: Cycle;
  readonly #promises: Promises;

  constructor(database: Database, access: Access, shared: Shared, channel: Channel) {
    this.#database = database;
    this.#access = access;
    this.#shared = shared;
    this.#channel = channel;
    this.#cycle = new Cycle(access.turns, (batch) => this.#commit(batch));
    this.#promises = new Promises((task) => this.#tellBroken(task));
  }

  /** Changes tasks. What is in hand may be brought home where a newer orch has been; all else is refused there. */
  change<T>(needs: Needs, apply: (operations: TableOperations) => T): Promise<T> {
    return this.do({ needs, apply, isNew: needs.held === undefined });
  }

  async do<T>(change: Change<T>): Promise<T> {
    this.#access.refuseClosed();
    return this.#cycle.change(change).finally(() => this.#shared.wants.changed());
  }

  claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#cycle.claim(request);
  }

  close(): void {
    this.#promises.clear();
  }

  async #commit(batch: Batch): Promise<BatchOutcome> {
    const { messages, kept, ...outcome } = await this.#database.transaction(async (session, now) => {
      const committed = await commitBatch(session, batch, now, this.#shared);
      await this.#channel.tell(session, committed.messages);
      return committed;
    });
    kept();
    this.#keepPromises(outcome);
    this.#makePromises(messages);
    return outcome;
  }

  #keepPromises({ claims }: BatchOutcome): void {
    for (const claim of claims) {
      if ('value' in claim && claim.value.task) this.#promises.kept(claim.value.task.id);
    }
  }

  /** What others leave to a run of this process. */
  #makePromises(messages: readonly Message[]): void {
    for (const { word, tasks = [] } of messages) {
      if (word !== 'spoken-for') continue;
      this.#promises.made(tasks);
      this.#channel.wake();
    }
  }

  /** Nobody here has taken it. Who cannot be reached looks when he is there again. */
  #tellBroken(task: string): void {
    const tell = (session: Session) => this.#channel.tell(session, [{ word: 'runnable', tasks: [task] }]);
    void this.#access.read(tell).catch(() => {});
  }
}
