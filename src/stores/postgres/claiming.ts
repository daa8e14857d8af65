import type { Lease } from '../../model/task.ts';
import type { ClaimAnswer, ClaimRequest, NothingToClaim } from '../../ports/task-store.ts';
import type { Access } from './access.ts';
import { claimsOf, whyNothing } from './batch/claims.ts';
import type { Shared } from './batch/shared.ts';
import type { Commits } from './commits.ts';
import type { Database } from './connection/database.ts';
import { byOwnClock } from './own-clock.ts';

/** How the runs of this process get tasks, and keep their leases. */
export class Claiming {
  readonly #database: Database;
  readonly #access: Access;
  readonly #shared: Shared;
  readonly #commits: Commits;

  constructor(database: Database, access: Access, shared: Shared, commits: Commits) {
    this.#database = database;
    this.#access = access;
    this.#shared = shared;
    this.#commits = commits;
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    this.#access.refuseClosed();
    const { runs, wants } = this.#shared;
    if (!runs.own.includes(request.run))
      throw new Error(`run ${request.run} has to join the store before it claims`);
    if (runs.closed) return { heldByOthers: 0, closed: runs.closed };
    const still = wants.isAskedAgain(request) ? await this.#stillNothing(request) : undefined;
    const answer = still ?? (await this.#commits.claim(request));
    wants.answered(request, answer);
    return byOwnClock(answer, this.#database.aheadMs);
  }

  renew(leases: Lease[], leaseMs: number): Promise<Lease[]> {
    const { runs, queue, names } = this.#shared;
    return this.#access.transaction(async (session, now) => {
      await runs.beatIfDue(session, now);
      const held = await claimsOf(session, leases, names, 'FOR UPDATE OF c');
      await queue.touch(session, [...held.values()], leaseMs);
      return leases.filter(({ token }) => !held.has(token));
    });
  }

  async lost(leases: Lease[]): Promise<Lease[]> {
    const held = await this.#access.read((session) => claimsOf(session, leases, this.#shared.names));
    return leases.filter(({ token }) => !held.has(token));
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
}
