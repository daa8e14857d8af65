import fc from 'fast-check';
import { isOrchError } from '../../src/model/errors.ts';
import type { Lease, NewTask } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { addByIntake } from './intake.ts';
import { again, broken, checkpoint, done, LEASE_MS, listed, runInfo } from './store-parts.ts';

/** A store, the leases it has given so far, and the ids it had before the step. */
export interface Side {
  store: TaskStore;
  leases: Lease[];
  ids: string[];
}

type Operation = (side: Side) => Promise<unknown>;

/** Operations, and what happens after them. */
export interface Step {
  /** Operations of a group are started together. */
  group: Operation[];
  leaves?: string | undefined;
  passes: number;
}

const id = fc.constantFrom('task-001', 'task-002', 'task-003', 'own', 'task-10');
const run = fc.constantFrom('a', 'b');
const only = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 4 },
  { arbitrary: fc.uniqueArray(id, { maxLength: 3 }), weight: 1 },
);
const settlement = fc.constantFrom(done('result'), again(), broken(), {
  status: 'pending',
  reason: 'stopped',
} as const);

const newTask = fc.record(
  {
    // Mostly the same, or an id would mostly be taken by another description.
    description: fc.constantFrom('x', 'x', 'x', 'x', 'y'),
    id,
    priority: fc.integer({ min: -1, max: 1 }),
    after: fc.array(id, { maxLength: 1 }),
    notBefore: fc.constantFrom('2026-01-01T00:00:10.000Z', '2026-01-01T00:01:00.000Z'),
    tags: fc.constant(['t']),
  },
  { requiredKeys: ['description'] },
) satisfies fc.Arbitrary<NewTask>;

/** An operation on one of the leases that the side has, if it has any. */
function onLease(use: (store: TaskStore, lease: Lease) => Promise<unknown>): fc.Arbitrary<Operation> {
  return fc.nat().map((n) => async ({ store, leases }: Side) => {
    const lease = leases[n % (leases.length || 1)];
    return lease && use(store, lease);
  });
}

/** An operation on some of the tasks that the side has, and now and then on one that it may not have. */
function onTasks(use: (store: TaskStore, ids: string[]) => Promise<unknown>): fc.Arbitrary<Operation> {
  const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 2 });
  const strays = fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, { arbitrary: fc.tuple(id), weight: 1 });
  return fc.tuple(picks, strays).map(([numbers, stray]) => async ({ store, ids }: Side) => {
    const known = numbers.flatMap((n) => ids[n % (ids.length || 1)] ?? []);
    return use(store, [...known, ...stray]);
  });
}

function add(tasks: NewTask[]): Operation {
  return ({ store }) => store.add(tasks);
}

function takeIn(tasks: NewTask[]): Operation {
  return ({ store }) => addByIntake(store, tasks);
}

function reset(selection: 'failed' | 'all'): Operation {
  return ({ store }) => store.reset(selection);
}

function claim(by: string, ids: string[] | undefined): Operation {
  return async ({ store, leases }) => {
    const answer = await store.claim({ run: by, leaseMs: LEASE_MS, ...(ids && { only: new Set(ids) }) });
    if (answer.task) leases.push(answer.lease);
    return answer;
  };
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { arbitrary: fc.array(newTask, { minLength: 1, maxLength: 3 }).map(add), weight: 3 },
  { arbitrary: fc.array(newTask, { minLength: 1, maxLength: 3 }).map(takeIn), weight: 2 },
  { arbitrary: fc.tuple(run, only).map(([by, ids]) => claim(by, ids)), weight: 5 },
  { arbitrary: settlement.chain((how) => onLease((store, lease) => store.settle(lease, how))), weight: 5 },
  { arbitrary: onLease((store, lease) => store.checkpoint(lease, checkpoint('draft'))), weight: 2 },
  onLease((store, lease) => store.renew([lease], LEASE_MS)),
  fc.constantFrom('failed' as const, 'all' as const).map(reset),
  onTasks((store, ids) => store.reset({ ids })),
  onTasks((store, ids) => store.cancel(ids)),
  onTasks((store, ids) => store.retry(ids.slice(0, 1), 'better')),
  { arbitrary: onTasks((store, ids) => store.remove(ids)), weight: 3 },
);

/** @param together operations of a group at most */
export const steps = (together: number): fc.Arbitrary<Step[]> =>
  fc.array(stepOf(together), { minLength: 4, maxLength: 16, size: 'max' });

const stepOf = (together: number): fc.Arbitrary<Step> =>
  fc.record({
    group: fc.array(operation, { minLength: 1, maxLength: together }),
    leaves: fc.option(run, { nil: undefined, freq: 6 }),
    passes: fc.constantFrom(0, 0, 5_000, LEASE_MS),
  });

/** What it came to, with tokens, which differ, left out. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const answer = await work.catch((error: unknown) => {
    if (!isOrchError(error)) throw error;
    return { code: error.code, message: error.message };
  });
  return plain(answer);
}

function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, inner) => (key === 'token' ? undefined : inner));
  return text === undefined ? undefined : JSON.parse(text);
}

/** @returns what came of it, and what the store holds then. */
export async function take(side: Side, { group, leaves }: Step): Promise<unknown> {
  side.ids = (await listed(side.store)).map((task) => task.id);
  const outcomes = await Promise.all(group.map((start) => outcomeOf(start(side))));
  if (leaves) {
    await side.store.leave(leaves);
    await side.store.join(runInfo(leaves));
  }
  return { outcomes, tasks: plain(await listed(side.store)), counts: await side.store.counts() };
}

/** A side whose two runs have joined. */
export async function sideOf(store: TaskStore): Promise<Side> {
  for (const name of ['a', 'b']) await store.join(runInfo(name));
  return { store, leases: [], ids: [] };
}
