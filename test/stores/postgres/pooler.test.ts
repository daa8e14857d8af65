import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Session } from '../../../src/stores/postgres/connection/database.ts';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { refuseSharedSessions } from '../../../src/stores/postgres/connection/pooler.ts';
import { Cli, says } from '../../support/cli.ts';
import { findPgBouncer, type Pooling, pgBouncer } from '../../support/pg-bouncer.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

const found = findPgBouncer();
if (typeof found === 'string') console.warn(`No pooler is tested: ${found}`);

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server.stop());

async function behind(pooling: Pooling, database: string, more: string[] = []): Promise<string> {
  if (typeof found === 'string') throw new Error(found);
  return pgBouncer(found, database, pooling, more);
}

test.skipIf(typeof found === 'string')(
  'behind a pooler of sessions a run hears of work and of what it is told',
  async () => {
    const cli = new Cli();
    const database = await server.newDatabase();
    const env = { ORCH_STORE: await behind('session', database) };
    expect(await cli.run(['add', 'one'], { env })).toEqual({ code: 0, stdout: 'task-001\n', stderr: '' });
    const run = cli.start(['run', '--stay', '--exec', 'cat'], { env });
    await says(run, 'task-001', 'stdout');
    await expect.poll(() => server.isListenedTo(database, 1)).toBe(true);
    const second = says(run, 'task-002', 'stdout');
    await cli.run(['add', 'two'], { env });
    await second;
    const paused = says(run, 'paused', 'stdout');
    await cli.run(['pause'], { env });
    await paused;
    const ended = once(run, 'exit');
    await cli.run(['stop'], { env });
    expect(await ended).toEqual([0, null]);
    expect((await cli.run(['doctor'], { env })).code).toBe(0);
  },
);

test.skipIf(typeof found === 'string')('one that has no session left is told so', async () => {
  const cli = new Cli();
  const database = await server.newDatabase();
  const settings = ['default_pool_size = 1', 'query_wait_timeout = 1'];
  const store = await behind('session', database, settings);
  const release = await server.hold('SELECT 1', store);
  expect(await cli.run(['list'], { env: { ORCH_STORE: store } })).toEqual({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(
      /^Cannot use the database .*: the pooler before it has no session left; end some runs, or raise its default_pool_size\n$/,
    ),
  });
  await release();
});

test.skipIf(typeof found === 'string').each(['transaction', 'statement'] as const)(
  'one that pools by %s is refused in a sentence, and its sessions are left as they were',
  async (pooling) => {
    const cli = new Cli();
    const database = await server.newDatabase();
    const env = { ORCH_STORE: await behind(pooling, database) };
    const sentence =
      /^The pooler before postgres:\S+ gives another session for each transaction, so that a run hears of nothing; set pool_mode = session there, or name the server itself\n$/;
    for (const args of [['add', 'x'], ['list'], ['run', '--exec', 'cat']]) {
      const { code, stdout, stderr } = await cli.run(args, { env });
      expect({ args, code, stdout, stderr }).toEqual({
        args,
        code: 4,
        stdout: '',
        stderr: expect.stringMatching(sentence),
      });
    }
    const doctor = await cli.run(['doctor'], { env });
    expect(doctor).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/problem {2}reach .*pooler before .*pool_mode = session/s),
    });
    const [setting] = await server.sql<{ text: string }>(
      "SELECT current_setting('idle_in_transaction_session_timeout') AS text",
      [],
      env.ORCH_STORE,
    );
    expect(setting?.text).toBe('0');
  },
);

describe('whose session it is', () => {
  /** Is given these sessions, one after the other. */
  const given = (...pids: number[]): Session => ({
    query: async <R extends object>() => [{ pid: pids.shift() } as R],
  });
  const refusal = (one: Session, other: Session) =>
    refuseSharedSessions(one, other, postgresLocation('postgres://u@db.example/d', {}));

  test('two that keep theirs are left alone', async () => {
    await refusal(given(1, 1, 1), given(2, 2, 2));
  });

  test.each([
    ['both are given the same', [1, 1, 1], [1, 1, 1]],
    ['each is given another one in turn', [1, 3, 1], [2, 2, 2]],
    ['the other one is', [1, 1, 1], [2, 2, 1]],
  ])('%s', async (_, one, other) => {
    await expect(refusal(given(...one), given(...other))).rejects.toThrow(/pool_mode = session/);
  });

  test('where a pooler has none left for the second, that stays unknown', async () => {
    vi.useFakeTimers();
    const asked = Promise.withResolvers<void>();
    const never: Session = {
      query: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    };
    const refused = refusal(given(1, 1, 1), never);
    await asked.promise;
    vi.advanceTimersByTime(10_000);
    await refused;
    vi.useRealTimers();
  });
});
