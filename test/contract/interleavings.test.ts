import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOrchError } from '../../src/model/errors.ts';
import type { Checkpoint, Settlement } from '../../src/model/settlement.ts';
import type { Lease, NewTask, TaskEdit } from '../../src/model/task.ts';
import { RUN_COMMANDS, type RunCommand, type TaskStore } from '../../src/ports/task-store.ts';
import { encodeLine } from '../../src/stores/json/journal/line-buffer.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { addByIntake } from '../support/intake.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { again, broken, checkpoint, done, LEASE_MS, listed, runInfo } from '../support/store-parts.ts';
import { enough } from '../support/thorough.ts';
import { wholeTask } from '../support/whole-task.ts';

/**
 * Several store objects on one file, as if each were a process, come to the same as one memory store that is given the same operations
 * in the same order: whatever is folded, reopened, left torn or dies in between.
 */

/** Longer than any sequence takes: a run loses its tasks by its death alone. Each store object judges late leases by itself. */
const DAY_MS = 86_400_000;

const PROCESSES = 3;

/** Both sides of a comparison. Leases are kept in the order in which they were given, because their tokens differ. */
class World {
  readonly clock = new ManualClock();
  readonly memory = new MemoryTaskStore({ clock: this.clock });
  readonly stores: JsonTaskStore[] = [];
  /** Of each run that lives, the store object through which it joined. */
  readonly runs = new Map<string, number>();
  readonly path: string;
  readonly #leases: Array<{ memory: Lease; file: Lease }> = [];
  #lives = 0;
  /** Bytes of the journal that the last dead writer left. */
  #torn = { file: '', from: 0, to: 0 };

  constructor(path: string) {
    this.path = path;
  }

  async open(index: number): Promise<void> {
    this.stores[index] = await JsonTaskStore.open(this.path, { clock: this.clock });
  }

  store(index: number): JsonTaskStore {
    const store = this.stores[index % PROCESSES];
    if (!store) throw new Error('it is not open');
    return store;
  }

  /** A run has an id that none had before it. */
  async join(index: number): Promise<void> {
    const id = `run-${this.#lives++}`;
    const cap = this.#lives % 2 === 0 ? { maxCostUsd: 3 } : {};
    await this.same(index, (store) => store.join({ ...runInfo(id), ...cap }));
    this.runs.set(id, index % PROCESSES);
  }

  async leave(id: string): Promise<void> {
    const index = this.runs.get(id);
    if (index === undefined) return;
    this.runs.delete(id);
    await this.same(index, (store) => store.leave(id));
  }

  /** The process ends, and with it its runs; another comes in its place. */
  async restart(index: number): Promise<void> {
    for (const [id, home] of this.runs) {
      if (home !== index) continue;
      this.runs.delete(id);
      await this.memory.leave(id);
    }
    await this.store(index).close();
    await this.open(index);
  }

  run(n: number): string {
    return [...this.runs.keys()][n % (this.runs.size || 1)] ?? 'nobody';
  }

  lease(n: number, from: TaskStore): Lease | undefined {
    const lease = this.#leases[n % (this.#leases.length || 1)];
    return from === this.memory ? lease?.memory : lease?.file;
  }

  async claim(index: number, run: string, leaseMs: number, only?: string[]): Promise<void> {
    const given = new Map<TaskStore, Lease>();
    await this.same(index, async (store) => {
      const answer = await store.claim({ run, leaseMs, ...(only && { only: new Set(only) }) });
      if (answer.task) given.set(store, answer.lease);
      return answer;
    });
    const [memory, file] = [given.get(this.memory), given.get(this.store(index))];
    if (memory && file) this.#leases.push({ memory, file });
  }

  /** Does it on both sides, and compares what comes of it. */
  async same(index: number, operation: (store: TaskStore) => Promise<unknown>): Promise<void> {
    const file = await outcomeOf(operation(this.store(index)));
    expect(file).toEqual(await outcomeOf(operation(this.memory)));
  }

  /** As each store object sees it. */
  async compare(): Promise<void> {
    const [tasks, counts] = [plain(await listed(this.memory)), await this.memory.counts()];
    const runs = await runsOf(this.memory);
    for (const store of this.stores) {
      expect(plain(await listed(store))).toEqual(tasks);
      expect(await store.counts()).toEqual(counts);
      expect(await runsOf(store)).toEqual(runs);
      for (const { id } of runs) expect(await store.told(id)).toEqual(await this.memory.told(id));
    }
  }

  /** A writer dies: it had cut off what another left, and left this. */
  tear(torn: string): void {
    const journal = `${this.path}.journal`;
    const { ino, birthtimeMs, size } = statSync(journal);
    // One that is as long, with the same inode even, may have been put in its place.
    const file = `${ino} ${birthtimeMs}`;
    const isThere = file === this.#torn.file && size === this.#torn.to;
    if (isThere) truncateSync(journal, this.#torn.from);
    const from = isThere ? this.#torn.from : size;
    appendFileSync(journal, torn);
    this.#torn = { file, from, to: from + torn.length };
  }

  async close(): Promise<void> {
    for (const store of this.stores) await store.close();
  }
}

async function runsOf(store: TaskStore) {
  return (await store.runs()).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What it came to, with tokens, which differ, left out. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const answer = await work.catch((error: unknown) => {
    if (isOrchError(error)) return { code: error.code, message: error.message };
    if (error instanceof Error && error.message.endsWith('before it claims')) return error.message;
    throw error;
  });
  return plain(answer);
}

function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (key, inner) => (key === 'token' ? undefined : inner));
  return text === undefined ? undefined : JSON.parse(text);
}

interface Step {
  /** For the report of a sequence that fails. */
  name: string;
  do: (world: World) => Promise<unknown>;
}

const process = fc.nat({ max: PROCESSES - 1 });
const id = fc.constantFrom('task-001', 'task-002', 'task-003', 'own', 'task-10');
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 3 });

const newTask = fc.record(
  {
    // Mostly the same, or an id would mostly be taken by another description.
    description: fc.constantFrom('x', 'x', 'x', 'y ü 🌍\n'),
    id,
    priority: fc.integer({ min: -1, max: 1 }),
    after: fc.array(id, { maxLength: 1 }),
    notBefore: fc.constantFrom('2026-01-01T00:00:10.000Z', '2026-01-01T00:01:00.000Z'),
  },
  { requiredKeys: ['description'] },
) satisfies fc.Arbitrary<NewTask>;

const edit = fc.record(
  {
    description: fc.constantFrom('x', 'z'),
    priority: fc.integer({ min: -1, max: 1 }),
    after: fc.option(fc.array(id, { maxLength: 2 })),
    notBefore: fc.constantFrom(null, '2026-01-01T00:00:10.000Z'),
    criteria: fc.constantFrom(null, 'good'),
    metadata: fc.constantFrom(null, { a: 1 }, { a: null, b: [] }),
  },
  { requiredKeys: [] },
) satisfies fc.Arbitrary<TaskEdit>;

const settlement: fc.Arbitrary<Settlement> = fc.constantFrom<Settlement>(
  done('result ü'),
  done('result'),
  again(),
  broken(),
  { status: 'pending', reason: 'stopped' },
  { status: 'pending', reason: 'crashed', crashes: 2, attempt: { outcome: 'interrupted', error: 'crashed' } },
);

/** An operation on both sides, through one of the processes. */
function both<T>(
  name: string,
  argument: fc.Arbitrary<T>,
  use: (store: TaskStore, value: T, world: World) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return fc.tuple(process, argument).map(([index, value]) => ({
    name: `${name}(${index}, ${fc.stringify(value)})`,
    do: (world) => world.same(index, (store) => use(store, value, world)),
  }));
}

/** An operation on a lease that was given some time, if any was. */
function onLease<T>(
  name: string,
  argument: fc.Arbitrary<T>,
  use: (store: TaskStore, lease: Lease, value: T) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return both(name, fc.tuple(fc.nat({ max: 20 }), argument), async (store, [n, value], world) => {
    const lease = world.lease(n, store);
    return lease && use(store, lease, value);
  });
}

function weighted(weight: number, arbitrary: fc.Arbitrary<Step>) {
  return { weight, arbitrary };
}

/** What a writer may leave that dies: a part of a line, or lines of a change whose last is missing. */
const rubbish = fc.oneof(
  fc
    .nat({ max: 60 })
    .map((cut) => encodeLine('{"next":99,"op":"remove","id":"task-001"}', false).slice(0, -1 - cut)),
  fc.constant(encodeLine('{"next":99,"op":"remove","id":"task-001"}', true)),
  fc.constant('\n'),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(
    3,
    both('add', fc.array(newTask, { minLength: 1, maxLength: 3 }), (store, tasks) => store.add(tasks)),
  ),
  weighted(
    2,
    both('take in', fc.array(newTask, { minLength: 1, maxLength: 3 }), (store, tasks) =>
      addByIntake(store, tasks),
    ),
  ),
  weighted(
    1,
    both('take in blind', fc.constantFrom(1, 2), (store, n) =>
      addByIntake(store, Array(n).fill({ description: 'new' })),
    ),
  ),
  weighted(
    3,
    both('add blind', fc.constantFrom(1, 2), (store, n) => store.add(Array(n).fill({ description: 'new' }))),
  ),
  weighted(
    7,
    fc
      .tuple(process, fc.nat({ max: 5 }), fc.option(ids, { nil: undefined, freq: 6 }))
      .map(([index, run, only]) => ({
        name: `claim(${index}, ${run}, ${only})`,
        do: (world) => world.claim(index, world.run(run), DAY_MS, only),
      })),
  ),
  weighted(
    6,
    onLease('settle', settlement, (store, lease, how) => store.settle(lease, how)),
  ),
  weighted(
    3,
    onLease<Checkpoint>(
      'checkpoint',
      fc.constantFrom('draft', 'better').map(checkpoint),
      (store, lease, kept) => store.checkpoint(lease, kept),
    ),
  ),
  weighted(
    1,
    onLease('renew', fc.constantFrom(DAY_MS, 2 * DAY_MS), (store, lease, ms) => store.renew([lease], ms)),
  ),
  weighted(
    1,
    both('reset', fc.constantFrom('failed' as const, 'all' as const), (store, which) => store.reset(which)),
  ),
  weighted(
    2,
    both('reopen', ids, async (store, [id = 'nobody']) => {
      const verdict = { passed: false, confidence: 1, feedback: 'no', issues: [] };
      return store.reopen(id, (await store.get(id))?.result ?? '', { verdict });
    }),
  ),
  weighted(
    1,
    both('reset ids', ids, (store, which) => store.reset({ ids: which })),
  ),
  weighted(
    2,
    both('import', fc.array(wholeTask(id), { minLength: 1, maxLength: 2 }), (store, tasks) =>
      store.import(tasks),
    ),
  ),
  weighted(
    1,
    both('import again', fc.constant(undefined), async (store) => store.import(await listed(store))),
  ),
  weighted(
    2,
    both('cancel', ids, (store, which) => store.cancel(which)),
  ),
  weighted(
    3,
    both('edit', fc.tuple(id, edit), (store, [which, change]) => store.edit(which, change)),
  ),
  weighted(
    2,
    both('retry', fc.tuple(ids, fc.constantFrom(undefined, 'better')), (store, [which, feedback]) =>
      store.retry(which, feedback),
    ),
  ),
  weighted(
    2,
    both('remove', ids, (store, which) => store.remove(which)),
  ),
  weighted(
    2,
    both<RunCommand>('control', fc.constantFrom(...RUN_COMMANDS), async (store, command) => {
      const told = await store.control(command);
      return told.sort((a, b) => (a.id < b.id ? -1 : 1));
    }),
  ),
  weighted(
    4,
    fc
      .record({
        index: process,
        run: fc.nat({ max: 5 }),
        call: fc.constantFrom('1', '2'),
        usd: fc.nat({ max: 2 }),
        task: fc.option(id, { nil: undefined }),
      })
      .map(({ index, run, call, usd, task }) => ({
        name: `money(${index}, ${run}, ${call}, ${usd}, ${task})`,
        do: async (world) => {
          if (world.runs.size === 0) return;
          const request = { run: world.run(run), call, usd, ...(task !== undefined && { task }) };
          if (usd > 0) await world.same(index, (store) => store.reserve(request));
          else await world.same(index, (store) => store.spend({ ...request, usd: 1 }));
          await world.same(index, (store) => store.pool());
        },
      })),
  ),
  weighted(
    2,
    process.map((index) => ({ name: `join(${index})`, do: (world) => world.join(index) })),
  ),
  weighted(
    1,
    fc.nat({ max: 5 }).map((n) => ({ name: `leave(${n})`, do: (world) => world.leave(world.run(n)) })),
  ),
  weighted(
    2,
    process.map((index) => ({ name: `restart(${index})`, do: (world) => world.restart(index) })),
  ),
  weighted(3, fc.constant({ name: 'add and fold', do: addAndFold })),
  weighted(
    2,
    rubbish.map((torn) => ({ name: `torn(${torn})`, do: async (world) => world.tear(torn) })),
  ),
  weighted(
    1,
    fc
      .constantFrom(5_000, 60_000)
      .map((ms) => ({ name: `pass(${ms})`, do: async (world) => world.clock.advance(ms) })),
  ),
);

/** A command that comes by, and folds the journal at its end. */
async function addAndFold(world: World): Promise<void> {
  const passing = await JsonTaskStore.open(world.path, { clock: world.clock });
  const added = await passing.add([{ description: 'passing' }]);
  await passing.close();
  expect(plain(added)).toEqual(plain(await world.memory.add([{ description: 'passing' }])));
}

/** With leases that end: two runs, each of which claims through its own store object, which lasts as long as the sequence. */
const lateStep: fc.Arbitrary<Step> = fc.oneof(
  weighted(
    6,
    fc.nat({ max: 1 }).map((index) => ({
      name: `claim(${index})`,
      do: (world) => world.claim(index, `run-${index}`, LEASE_MS),
    })),
  ),
  weighted(
    3,
    onLease('settle', settlement, (store, lease, how) => store.settle(lease, how)),
  ),
  weighted(
    2,
    onLease('renew', fc.constant(LEASE_MS), (store, lease, ms) => store.renew([lease], ms)),
  ),
  weighted(1, fc.constant({ name: 'add and fold', do: addAndFold })),
  weighted(
    1,
    rubbish.map((torn) => ({ name: `torn(${torn})`, do: async (world) => world.tear(torn) })),
  ),
  weighted(
    5,
    fc.constantFrom(5_000, LEASE_MS / 3, LEASE_MS).map((ms) => ({
      name: `pass(${ms})`,
      do: async (world) => world.clock.advance(ms),
    })),
  ),
);

/** Any sequence of such steps comes to the same on both sides, after each of them. */
async function comesToTheSame(steps: fc.Arbitrary<Step>, numRuns: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orch-interleavings-'));
  let opened = 0;
  const sequence = fc.array(steps, { minLength: 5, maxLength: 25, size: 'max' });
  const property = fc.asyncProperty(sequence, async (all) => {
    const world = new World(join(folder, `${opened++}.json`));
    for (let index = 0; index < PROCESSES; index++) await world.open(index);
    try {
      await world.same(0, (store) => store.add([{ description: 'x' }, { description: 'y' }]));
      await world.join(0);
      await world.join(1);
      for (const next of all) {
        await next.do(world);
        await world.compare();
      }
      await world.same(2, (store) => store.add([{ description: 'last' }]));
      for (let index = 0; index < PROCESSES; index++) await world.restart(index);
      await world.compare();
    } finally {
      await world.close();
    }
  });
  try {
    await fc.assert(property, { numRuns });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('any interleaving of processes comes to the same as the memory store', async () => {
  await comesToTheSame(step, enough(40, 200));
}, 120_000);

test('likewise where leases end', async () => {
  await comesToTheSame(lateStep, enough(40, 200));
}, 120_000);
