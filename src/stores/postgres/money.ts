import type { Pool } from '../../model/pool.ts';
import type { ReserveAnswer, ReserveRequest } from '../../ports/task-store.ts';
import { Ledger, poolOf } from '../ledger.ts';
import type { Access } from './access.ts';
import type { Needs } from './batch/needs.ts';
import type { Shared } from './batch/shared.ts';
import type { Commits } from './commits.ts';
import { readFact } from './tables/facts.ts';

const LEDGER: Needs = { ledger: true };

/** What the runs of a store have set aside and spent. */
export class Money {
  readonly #access: Access;
  readonly #shared: Shared;
  readonly #commits: Commits;
  #isUsed = false;

  constructor(access: Access, shared: Shared, commits: Commits) {
    this.#access = access;
    this.#shared = shared;
    this.#commits = commits;
  }

  /** Whether a run of this process has spent any, or meant to. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    this.#isUsed = true;
    const answer = await this.#reserve(request, LEDGER);
    this.#shared.wants.reserved(request.usd, answer.granted);
    if (answer.granted) return answer;
    // Who is refused is told which others may have been stopped.
    return this.#reserve(request, { ...LEDGER, working: true });
  }

  spend(request: ReserveRequest): Promise<Pool> {
    this.#isUsed = true;
    return this.#commits.do({
      needs: LEDGER,
      apply: (operations, runs) => operations.spend(request, runs),
      // Somebody may be waiting for what is free again.
      tells: ({ capUsd }) => (capUsd === undefined ? undefined : 'money'),
    });
  }

  pool(): Promise<Pool | undefined> {
    const { names, runs } = this.#shared;
    return this.#access.read(async (session) => {
      const ledger = new Ledger();
      ledger.restore(JSON.parse((await readFact(session, 'ledger', names)) ?? '{}'));
      return poolOf(ledger, await runs.live(session));
    });
  }

  #reserve(request: ReserveRequest, needs: Needs): Promise<ReserveAnswer> {
    return this.#commits.do({ needs, apply: (operations, runs) => operations.reserve(request, runs) });
  }
}
