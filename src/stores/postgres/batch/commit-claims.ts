import { isoTime } from '../../../model/clock.ts';
import type { ClaimAnswer, ClaimRequest, NothingToClaim } from '../../../ports/task-store.ts';
import type { Session } from '../connection/database.ts';
import { type ClaimGroup, endedLeases, takeNext, whyNothing } from './claims.ts';
import type { News } from './news.ts';
import { operate } from './operations.ts';
import type { Shared } from './shared.ts';

/** What came of claims, in their order, and what that is to others. */
export interface ClaimsOutcome {
  answers: ClaimAnswer[];
  news: News[];
}

/** Does the claims of a batch: those that ask for the same together. */
export async function commitClaims(
  session: Session,
  claims: readonly ClaimRequest[],
  now: number,
  shared: Shared,
): Promise<ClaimsOutcome> {
  const news: News[] = [];
  if (claims.length > 0) await shared.runs.beatIfDue(session, now);
  const groups = groupsOf(claims);
  const answers = new Map<ClaimGroup, ClaimAnswer[]>();
  for (const group of new Set(groups)) {
    const { given, why, left } = await claimGroup(session, group, now, shared);
    news.push(...left);
    const fill = Array.from({ length: group.count - given.length }, () => why as NothingToClaim);
    answers.set(group, [...given, ...fill]);
  }
  return { answers: groups.map((group) => answers.get(group)?.shift() as ClaimAnswer), news };
}

/** What each of the claims belongs to. */
function groupsOf(claims: readonly ClaimRequest[]): ClaimGroup[] {
  const groups = new Map<string, ClaimGroup>();
  return claims.map((request) => {
    const { run, leaseMs, only, except } = request;
    const key = JSON.stringify([run, leaseMs, only && [...only], except && [...except]]);
    const group = groups.get(key) ?? { request, count: 0 };
    group.count++;
    groups.set(key, group);
    return group;
  });
}

/** What is left of others is looked for where there is nothing else, and otherwise now and then. */
async function claimGroup(session: Session, group: ClaimGroup, now: number, shared: Shared) {
  const { queue, names } = shared;
  const given = shared.looks.isDue(now) ? [] : await takeNext(session, group, now, queue, names);
  if (given.length === group.count) return { given, left: [] };
  const { behind, left } = await takeOver(session, group, now, shared);
  shared.looks.done(now);
  const rest = { ...group, count: group.count - given.length };
  given.push(...(await takeNext(session, rest, now, queue, names)));
  const first = given[0];
  if (first?.task && behind.setAside) first.setAside = behind.setAside;
  if (given.length === group.count) return { given, left };
  const { why } = await whyNothing(session, group.request, shared.runs.own, names);
  return { given, left, why: joined(behind, why) };
}

async function takeOver(session: Session, group: ClaimGroup, now: number, shared: Shared) {
  const { names, runs } = shared;
  const spared = shared.grace.spared(shared.database.lostAt, now);
  const { ended, sparedCount } = await endedLeases(session, group, runs.own, spared, names);
  const held: NothingToClaim = {
    heldByOthers: sparedCount,
    ...(spared && sparedCount > 0 && { leaseEndsAt: isoTime(spared.until) }),
  };
  if (ended.length === 0) return { behind: held, left: [] };
  // That they matter to this claim has been seen to.
  const { only: _, ...request } = group.request;
  const needs = { tasks: ended, ledger: true };
  const { value, news } = await operate(session, needs, now, shared, (operations) =>
    operations.takeOver(request),
  );
  return { behind: joined(value, held), left: [news] };
}

function joined(late: NothingToClaim, held: NothingToClaim): NothingToClaim {
  const ends = [late.leaseEndsAt, held.leaseEndsAt].filter((each) => each !== undefined).sort();
  return {
    ...held,
    heldByOthers: late.heldByOthers + held.heldByOthers,
    ...(ends[0] !== undefined && { leaseEndsAt: ends[0] }),
    ...(late.setAside && { setAside: late.setAside }),
  };
}
