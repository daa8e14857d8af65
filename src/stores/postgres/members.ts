import type { StopReason } from '../../model/event.ts';
import type { LiveRun, RunCommand, RunInfo, RunNote, Telling } from '../../ports/task-store.ts';
import type { Access } from './access.ts';
import { operate } from './batch/operations.ts';
import type { Shared } from './batch/shared.ts';
import type { Database, Session } from './connection/database.ts';
import type { Channel } from './telling/channel.ts';

/** How often the runs of this process say that they live, in milliseconds. */
const BEAT_MS = 10_000;

/** Who takes part in a store: runs join, say that they live, are told something, and leave. */
export class Members {
  readonly #database: Database;
  readonly #access: Access;
  readonly #shared: Shared;
  readonly #channel: Channel;
  readonly #beat: NodeJS.Timeout;
  #saying: Promise<void> | undefined;

  constructor(database: Database, access: Access, shared: Shared, channel: Channel) {
    this.#database = database;
    this.#access = access;
    this.#shared = shared;
    this.#channel = channel;
    this.#beat = setInterval(() => this.sayAlive(), BEAT_MS);
    this.#beat.unref();
  }

  async join(run: RunInfo): Promise<number> {
    const { runs } = this.#shared;
    this.#access.refuseClosed();
    if (runs.closed) throw runs.closed;
    if (runs.own.includes(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
    const before = await this.#access.transaction(async (session, now) => {
      const count = await runs.join(session, run);
      const needs = { ledger: true, lastStop: true };
      await operate(session, needs, now, this.#shared, (operations) => operations.join(run.id));
      await this.#channel.tell(session, [{ word: 'runs' }]);
      return count;
    });
    runs.joined(run);
    return before;
  }

  async leave(runId: string, stop?: StopReason): Promise<void> {
    const { runs, looks, wants } = this.#shared;
    // Nobody says any more that it lives: that would bring it back.
    runs.leaving(runId, true);
    const leaving = this.#access.transaction(async (session, now) => {
      if (!(await runs.leave(session, runId))) return;
      const needs = { lastStop: true };
      await operate(session, needs, now, this.#shared, (operations) => operations.left(runId, stop));
      // What it held, and its cap, are gone.
      await this.#channel.tell(session, [{ word: 'runnable' }]);
    });
    await leaving.catch((error) => {
      runs.leaving(runId, false);
      throw error;
    });
    runs.left(runId);
    wants.left(runId);
    looks.due();
  }

  note(runId: string, note: RunNote): Promise<void> {
    return this.#access.transaction((session) => this.#shared.runs.note(session, runId, note));
  }

  live(): Promise<LiveRun[]> {
    return this.#access.read((session) => this.#shared.runs.live(session));
  }

  control(command: RunCommand): Promise<LiveRun[]> {
    const { runs } = this.#shared;
    return this.#access.transaction(async (session) => {
      const ids = (await runs.live(session)).map(({ id }) => id);
      await runs.tell(session, ids, command);
      await this.#channel.tell(session, [{ word: 'control' }]);
      return runs.live(session);
    });
  }

  async told(runId: string): Promise<Telling | undefined> {
    this.#access.refuseClosed();
    const ask = () => this.#access.read((session) => this.#shared.runs.told(session, runId));
    return this.#channel.lastTold(runId, ask);
  }

  /** Who cannot be reached is told by the next call that has somebody to tell. */
  sayAlive(): void {
    const { runs } = this.#shared;
    if (runs.own.length === 0) return;
    this.#saying ??= this.#access.turns
      .take(() => this.#beatAndTell())
      .catch(() => {})
      .finally(() => {
        this.#saying = undefined;
      });
  }

  async #beatAndTell(): Promise<void> {
    const { runs, news } = this.#shared;
    await runs.beat(this.#database);
    // Who waits for work learns of it when it asks.
    if (runs.closed) this.#channel.wake();
    const tasks = news.owed;
    if (tasks.length === 0) return;
    await this.#channel.tell(this.#database, [{ word: 'settled', tasks }]);
    news.paid();
  }

  /** They say no more that they live. @returns what ends those of this process, if there are any: a run does not outlive the store that it joined. */
  close(): ((session: Session) => Promise<void>) | undefined {
    clearInterval(this.#beat);
    const { runs } = this.#shared;
    const own = runs.own;
    if (own.length === 0) return undefined;
    return async (session) => {
      for (const run of own) await runs.leave(session, run);
      await this.#channel.tell(session, [{ word: 'runnable' }]);
    };
  }
}
