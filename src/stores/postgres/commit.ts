import { isoTime } from '../../model/clock.ts';
import type { ClaimAnswer, ClaimRequest, LiveRun, NothingToClaim } from '../../ports/task-store.ts';
import type { LateLeases } from '../late-leases.ts';
import type { Moment } from '../moment.ts';
import { TableOperations } from '../table-operations.ts';
import { type ClaimGroup, endedLeases, takeNext, whyNothing } from './claims.ts';
import type { Batch, BatchOutcome, Outcome } from './cycle.ts';
import type { Database, Session } from './database.ts';
import type { Names } from './names.ts';
import { together } from './needs.ts';
import type { Grace, Pace } from './pace.ts';
import type { Queue } from './queue.ts';
import type { Runs } from './runs.ts';
import type { Told } from './told.ts';
import { readWorkingSet, touch, type WorkingSet } from './working-set.ts';
import { writeBack } from './write-back.ts';

export interface Parts {
  queue: Queue;
  names: Names;
  runs: Runs;
  late: LateLeases;
  /** For what others left. */
  looks: Pace;
  /** Of tasks that have ended. */
  news: Pace;
  grace: Grace;
  database: Pick<Database, 'lostAt'>;
}

/** Does a batch in the transaction of a session. @param now milliseconds since the epoch, by the database's clock. */
export async function commitBatch(
  session: Session,
  { changes, claims }: Batch,
  now: number,
  parts: Parts,
): Promise<BatchOutcome & { told: Set<Told> }> {
  const { queue, names } = parts;
  const told = new Set<Told>();
  const outcomes: Outcome[] = [];
  if (changes.length > 0) {
    const set = await readWorkingSet(session, together(changes.map(({ needs }) => needs)), names);
    const runs = set.needs.ledger ? await parts.runs.live(session) : [];
    const operations = operationsOn(set, now, runs, parts);
    for (const change of changes) {
      const outcome = attempt(() => change.apply(operations, runs));
      const tells = 'value' in outcome ? change.tells?.(outcome.value) : undefined;
      if (tells) told.add(tells);
      outcomes.push(outcome);
    }
    for (const each of await writeBack(session, set, queue, names)) told.add(each);
  }
  const answers: Outcome<ClaimAnswer>[] = [];
  const byRequest = new Map<ClaimGroup, ClaimAnswer[]>();
  const groups = groupsOf(claims);
  if (claims.length > 0) await parts.runs.beatIfDue(session, now);
  for (const group of new Set(groups)) {
    const { given, why, left } = await claimGroup(session, group, now, parts);
    for (const each of left) told.add(each);
    const fill = Array.from({ length: group.count - given.length }, () => why as NothingToClaim);
    byRequest.set(group, [...given, ...fill]);
  }
  for (const group of groups) answers.push({ value: byRequest.get(group)?.shift() as ClaimAnswer });
  // Each telling costs the whole database something. Who waits for all to have ended hears of it from whoever finds nothing more.
  const isBusy = claims.length > 0 && answers.every((answer) => 'value' in answer && answer.value.task);
  if (isBusy && !parts.news.isDue(now)) told.delete('settled');
  else if (told.has('settled')) parts.news.done(now);
  return { changes: outcomes, claims: answers, told };
}

/** What is left of others is looked for where there is nothing else, and otherwise now and then. */
async function claimGroup(session: Session, group: ClaimGroup, now: number, parts: Parts) {
  const { queue, names } = parts;
  const given = parts.looks.isDue(now) ? [] : await takeNext(session, group, now, queue, names);
  if (given.length === group.count) return { given, left: new Set<Told>() };
  const { behind, left } = await takeOver(session, group, now, parts);
  parts.looks.done(now);
  const rest = { ...group, count: group.count - given.length };
  given.push(...(await takeNext(session, rest, now, queue, names)));
  const first = given[0];
  if (first?.task && behind.setAside) first.setAside = behind.setAside;
  if (given.length === group.count) return { given, left };
  return { given, left, why: joined(behind, await whyNothing(session, group, now, names)) };
}

async function takeOver(session: Session, group: ClaimGroup, now: number, parts: Parts) {
  const { queue, names, runs } = parts;
  const spared = parts.grace.spared(parts.database.lostAt, now);
  const { ended, sparedCount } = await endedLeases(session, group, runs.own, spared?.since, names);
  const held: NothingToClaim = {
    heldByOthers: sparedCount,
    ...(spared && sparedCount > 0 && { leaseEndsAt: isoTime(spared.until) }),
  };
  if (ended.length === 0) return { behind: held, left: new Set<Told>() };
  const set = await readWorkingSet(session, { tasks: ended, ledger: true }, names);
  const operations = operationsOn(set, now, await runs.live(session), parts);
  // That they matter to this claim has been seen to.
  const { only: _, ...request } = group.request;
  const behind = joined(operations.takeOver(request), held);
  return { behind, left: await writeBack(session, set, queue, names) };
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

/** @param known runs that live, beside those that the set's rows tell of */
export function operationsOn(
  set: WorkingSet,
  now: number,
  known: readonly LiveRun[],
  { runs, late }: Pick<Parts, 'runs' | 'late'>,
): TableOperations {
  const live = new Set([...runs.own, ...known.map(({ id }) => id)]);
  for (const { run, live: lives } of set.rows.values()) {
    // One that has left does not live in any case.
    const isThere = run !== null && lives !== null;
    if (isThere && (lives || runs.isJustBack(now))) live.add(run);
  }
  const moment: Moment = { now, isLive: (id) => live.has(id), late };
  return new TableOperations(set.table, moment, (record) => touch(set, record));
}

function attempt<T>(apply: () => T): Outcome<T> {
  try {
    return { value: apply() };
  } catch (error) {
    return { error };
  }
}
