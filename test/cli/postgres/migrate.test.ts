import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyTasks } from '../../../src/cli/migrate/copy-tasks.ts';
import { isoTime } from '../../../src/model/clock.ts';
import type { Task } from '../../../src/model/task.ts';
import type { TaskStore } from '../../../src/ports/task-store.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { migrateDatabase } from '../../../src/stores/postgres/migration/migrate-database.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { Cli, jsonLines, preload } from '../../support/cli.ts';
import { PASSWORD, PostgresServer } from '../../support/postgres-server.ts';
import { listed } from '../../support/store-parts.ts';
import { makeTask } from '../../support/task.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

/** All tasks as they are, in their order. */
async function exported(cli: Cli, store: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await cli.run(['--store', store, 'export']);
  return jsonLines(stdout);
}

/** A store with all that there may be: done, failed, blocked, tried twice, waiting for its verdict, in another order than it was added. */
async function lived(cli: Cli, store = 'tasks.json'): Promise<void> {
  const run = (...args: string[]) => cli.run(['--store', store, ...args]);
  await cli.run(['--store', store, 'add', '-'], { input: 'echo one\nexit 3\necho three\n' });
  await run(
    'add',
    'echo four',
    '--after',
    'task-002,task-003',
    '--id',
    'four',
    '--tag',
    'a',
    '--meta',
    'ü=é',
  );
  await run('add', 'echo five', '--check', 'grep -q six', '--priority', '-2');
  await run('add', 'echo six', '--not-before', '2099-01-01T00:00:00Z');
  await run('run', '--exec', 'sh', '--max-attempts', '2', '--quiet', '--trust');
  await run('retry', 'task-002', '--feedback', 'say 0');
  await run('edit', 'task-002', '--after', 'task-005');
}

test('from a file to a database and back everything is as it was; said again it changes nothing', async () => {
  const cli = new Cli();
  await lived(cli);
  const url = await server.newDatabase();
  const there = await cli.run(['migrate', '--from', 'tasks.json', '--to', url]);
  const { host, pathname } = new URL(url);
  const shown = `postgres://postgres@${host}${pathname}`;
  expect(there).toEqual({ code: 0, stdout: `6 tasks of tasks.json in ${shown}\n`, stderr: '' });
  const before = await exported(cli, 'tasks.json');
  const inDatabase = await exported(cli, url);
  expect(inDatabase.toSorted(byId)).toEqual(before.toSorted(byId));

  const again = await cli.run(['migrate', '--to', url, '--json']);
  expect(JSON.parse(again.stdout)).toEqual({
    schemaVersion: 1,
    from: 'tasks.json',
    to: shown,
    tasks: 6,
    added: 0,
    there: 6,
  });

  const back = await cli.run(['migrate', '--to', 'back.json'], { env: { ORCH_STORE: url } });
  expect(back).toEqual({ code: 0, stdout: `6 tasks of ${shown} in back.json\n`, stderr: '' });
  expect(await exported(cli, 'back.json')).toEqual(inDatabase);
  expect((await cli.run(['migrate', '--from', 'back.json', '--to', 'third.json'])).code).toBe(0);
  expect(await exported(cli, 'third.json')).toEqual(inDatabase);
  // No id is given twice, and what was blocked still is.
  expect((await cli.run(['--store', url, 'add', 'new'])).stdout).toBe('task-006\n');
  expect((await cli.run(['--store', url, 'explain', 'four'])).stdout).toContain('task-002');
  for (const { stdout, stderr } of [there, again, back]) expect(stdout + stderr).not.toContain(PASSWORD);
});

function byId(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a.id) < String(b.id) ? -1 : 1;
}

/** So many tasks that nobody has worked on. */
function rows(count: number): Task[] {
  return Array.from({ length: count }, (_, i) =>
    makeTask({ id: `row-${i}`, status: 'pending', description: `row ${i}` }),
  );
}

/** All tasks of a store that no process has in hand, as they are. */
async function tasksOf(opening: Promise<TaskStore>): Promise<Task[]> {
  const store = await opening;
  return listed(store).finally(() => store.close());
}

test('one that was killed in the middle is said again, and all is there once', async () => {
  const cli = new Cli();
  const source = await JsonTaskStore.open(cli.path('tasks.json'));
  await source.import(rows(4100));
  await source.close();
  const url = await server.newDatabase();
  await migrateDatabase(url);
  // The third batch waits for this lock: two are in.
  await server.sql(
    `CREATE FUNCTION third() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.id = 'row-4050' THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $$;
     CREATE TRIGGER third BEFORE INSERT ON orch.task FOR EACH ROW EXECUTE FUNCTION third()`,
    [],
    url,
  );
  const holder = await server.holds('7', url);
  const migration = cli.start(['migrate', '--to', url]);
  await holder.isWaitedFor();
  migration.kill('SIGKILL');
  await once(migration, 'exit');
  await holder.release();
  const [half] = await server.sql<{ count: number }>('SELECT count(*)::int AS count FROM orch.task', [], url);
  expect(half?.count).toBe(4000);
  const again = await cli.run(['migrate', '--to', url, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ tasks: 4100, added: 100, there: 4000 });
  expect(await tasksOf(PostgresTaskStore.connect(url))).toEqual(
    await tasksOf(JsonTaskStore.open(cli.path('tasks.json'))),
  );
});

test('killed again and again on the way back into a file, it is said again, and the whole history is there once', async () => {
  const cli = new Cli();
  const url = await server.newDatabase();
  const source = await PostgresTaskStore.connect(url);
  const attempt = { number: 1, run: 'run-1', startedAt: isoTime(0), output: 'no', error: 'rejected' };
  const lived: Partial<Task> = { attempts: 1, history: [{ ...attempt, outcome: 'rejected' }] };
  await source.import(rows(2500).map((task, i) => (i % 3 === 0 ? { ...task, ...lived } : task)));
  await source.close();
  const inDatabase = await tasksOf(PostgresTaskStore.connect(url));
  const whole = new Map(inDatabase.map((task) => [task.id, task]));
  const inFile = () => tasksOf(JsonTaskStore.open(cli.path('back.json')));
  let kept = 0;
  // Shares of one more batch, which is written piece by piece.
  for (const share of [Math.random() / 2, Math.random(), 1]) {
    const size = (name: string) => statSync(cli.path(name), { throwIfNoEntry: false })?.size ?? 0;
    const written = () => size('back.json') + size('back.json.journal');
    const enough = written() + share * 300_000;
    const migration = cli.start(['migrate', '--from', url, '--to', 'back.json']);
    const ended = once(migration, 'exit');
    while (migration.exitCode === null && written() < enough) await wait(1);
    migration.kill('SIGKILL');
    await ended;
    if (size('back.json') === 0) continue;
    const half = await inFile();
    expect(half.length).toBeGreaterThanOrEqual(kept);
    for (const task of half) expect(task).toEqual(whole.get(task.id));
    kept = half.length;
  }
  expect((await cli.run(['migrate', '--from', url, '--to', 'back.json'])).code).toBe(0);
  expect(await inFile()).toEqual(inDatabase);
  expect((await cli.run(['--store', 'back.json', 'doctor'])).code).toBe(0);
});

test('refuses a source on which a run lives, the same store twice, one that is not there, and another content', async () => {
  const cli = new Cli();
  await cli.run(['add', 'x']);
  const url = await server.newDatabase();
  spawnSync('mkfifo', [cli.path('gate')]);
  const run = cli.start(['run', '--exec', ': >here; cat gate']);
  await cli.appears('here');
  expect(await cli.run(['migrate', '--to', url])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^1 run on tasks\.json \(run-\w+ on \S+\); end them with orch stop and say the same again\n$/,
    ),
  });
  const ended = once(run, 'exit');
  cli.write('gate', 'done');
  await ended;
  expect((await cli.run(['migrate', '--to', './tasks.json'])).stderr).toMatch(
    /^tasks\.json is the store to copy from and to/,
  );
  expect((await cli.run(['migrate'])).stderr).toBe('Give --from, --to, or both\n');
  expect((await cli.run(['migrate', '--from', 'nowhere.json', '--to', url])).code).toBe(2);
  await cli.run(['--store', url, 'add', 'another']);
  expect(await cli.run(['migrate', '--to', url])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^Task task-001 is in the store already, with another content/),
  });
});

test('what an interruption leaves is said', async () => {
  const from = new MemoryTaskStore({
    tasks: Array.from({ length: 2500 }, (_, i) => makeTask({ id: `t-${i}`, createdAt: isoTime(0) })),
  });
  const to = new MemoryTaskStore();
  const end = new AbortController();
  const copied = await copyTasks(from, to, { signal: end.signal, onProgress: () => end.abort() });
  expect(copied).toEqual({ tasks: 2000, added: 2000 });
  const rest = await copyTasks(from, to, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(rest).toEqual({ tasks: 2500, added: 500 });
});

test('of 100,000 tasks no more than a batch is in hand', async () => {
  let read = 0;
  let taken = 0;
  let most = 0;
  const from = {
    async *list() {
      for (; read < 100_000; read++) {
        most = Math.max(most, read - taken);
        yield makeTask({ id: `t-${read}` });
      }
    },
  } as unknown as TaskStore;
  const to = { import: async (tasks: Task[]) => tasks.filter(() => ++taken) } as unknown as TaskStore;
  const options = { signal: new AbortController().signal, onProgress: () => undefined };
  expect(await copyTasks(from, to, options)).toEqual({ tasks: 100_000, added: 100_000 });
  expect(most).toBeLessThan(2001);
});

/** Takes half a minute. */
test.runIf(process.env.ORCH_TEST_THOROUGH === '1')(
  '100,000 tasks there and back need no more memory than a few',
  { timeout: 180_000 },
  async () => {
    const cli = new Cli();
    cli.write(
      'rows.txt',
      Array.from({ length: 100_000 }, (_, i) => `row ${i}, ${'words '.repeat(100)}\n`).join(''),
    );
    await cli.run(['add', '-f', 'rows.txt', '--quiet']);
    const url = await server.newDatabase();
    const peakOf = async (...args: string[]) => {
      const env = { PEAK_MEMORY: cli.path('peak'), NODE_OPTIONS: `--import=${preload('peak-memory.ts')}` };
      expect((await cli.run(['migrate', ...args], { env })).code).toBe(0);
      return Number(cli.read('peak')) / 1024;
    };
    expect(await peakOf('--to', url)).toBeLessThan(300);
    expect(await peakOf('--from', url, '--to', 'back.json')).toBeLessThan(300);
  },
);
