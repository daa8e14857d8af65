import { OrchError } from '../../../model/errors.ts';
import type { Session } from './database.ts';
import type { PostgresLocation } from './location.ts';

/** Where others use the pooler too, chance may give each the same session as before. */
const ROUNDS = 3;

/** Where a pooler has no session left, one has to be waited for: so long, in milliseconds, and it stays unknown. */
const PATIENCE_MS = 2000;

/**
 * Behind a pooler that gives a session for a transaction alone, nobody hears that something changed, and settings are left to others. Of two
 * connections at once the one of a session each has another one, always the same.
 * @throws `store-unusable`
 */
export async function refuseSharedSessions(
  one: Session,
  other: Session,
  { shown }: PostgresLocation,
): Promise<void> {
  const areKept = await Promise.race([haveEachItsOwn(one, other), tooLate()]);
  if (areKept ?? true) return;
  const message = `The pooler before ${shown} gives another session for each transaction, so that a run hears of nothing; set pool_mode = session there, or name the server itself`;
  throw new OrchError('store-unusable', message);
}

async function haveEachItsOwn(one: Session, other: Session): Promise<boolean> {
  const [own, others] = [new Set<number>(), new Set<number>()];
  for (let i = 0; i < ROUNDS; i++) {
    own.add(await sessionOf(one));
    others.add(await sessionOf(other));
  }
  const [pid] = own;
  return own.size === 1 && others.size === 1 && !others.has(pid as number);
}

async function sessionOf(session: Session): Promise<number> {
  const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

function tooLate(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined).unref());
}
