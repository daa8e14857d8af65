import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { Cli, jsonLines, preload, resultOf, says } from '../../support/cli.ts';
import { LinkProxy } from '../../support/link-proxy.ts';
import { OwnPostgresServer } from '../../support/postgres-server.ts';
import { claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';

let server: OwnPostgresServer;

beforeAll(async () => {
  server = await OwnPostgresServer.startOwn();
});

afterAll(() => server?.stop());

/** A run on a store of its own, whose task is under way until `letGo`. */
async function underWay(more: Record<string, string> = {}) {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase(), ...more };
  execFileSync('mkfifo', [cli.path('go')]);
  await cli.run(['add', '--id', 'one', 'one'], { env });
  const exec = 'echo $$ > pid; touch started; cat go; echo paid for';
  const child = cli.start(['run', '--exec', exec], { env });
  const result = resultOf(child);
  await cli.appears('started');
  return { cli, env, child, result, letGo: () => cli.write('go', '') };
}

function isLost(child: ChildProcess): Promise<void> {
  return says(child, 'Cannot use the database');
}

/** How the attempts of the only task ended. */
async function attempts(cli: Cli, env: { ORCH_STORE: string }): Promise<unknown> {
  const { stdout } = await cli.run(['show', 'one', '--json'], { env });
  const task = JSON.parse(stdout) as { status: string; result: string; history: { outcome: string }[] };
  return [task.status, task.result, ...task.history.map(({ outcome }) => outcome)];
}

const ONCE = ['completed', 'paid for\n', 'passed'];

/** What the store could not take is in a file, whose name is said. */
function expectOutputKept(stderr: string): void {
  const [, path] = /The store could not take the output of one; it is in (.*)/.exec(stderr) ?? [];
  if (path === undefined) throw new Error(stderr);
  expect(readFileSync(path, 'utf8')).toBe('paid for\n');
  rmSync(dirname(path), { recursive: true });
  expect(stderr).not.toMatch(/ {4}at /);
}

describe('a server that goes away under a run', () => {
  test('and is started again: what ended meanwhile is kept', async () => {
    const { cli, env, child, result, letGo } = await underWay();
    const lost = isLost(child);
    await server.stopForAWhile();
    letGo();
    await lost;
    await server.startAgain();
    const { stdout, stderr, code } = await result;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^Cannot use the database postgres:.*; it is tried again\nThe database postgres:.* is there again\n$/,
      ),
    });
    expect(stdout).toContain('✓ one       completed');
    expect(await attempts(cli, env)).toEqual(ONCE);
  });

  test('by kill -9', async () => {
    const { cli, env, child, result, letGo } = await underWay();
    const lost = isLost(child);
    await server.crash();
    letGo();
    await lost;
    await server.startAgain();
    expect((await result).code).toBe(0);
    expect(await attempts(cli, env)).toEqual(ONCE);
  });

  test('under one who waits for a task, too', async () => {
    const { cli, env, result, letGo } = await underWay();
    const waiting = cli.start(['wait', 'one'], { env });
    const waited = resultOf(waiting);
    await vi.waitUntil(() => server.isListenedTo(env.ORCH_STORE, 2), { timeout: 10_000 });
    await server.crash();
    await server.startAgain();
    await vi.waitUntil(() => server.isListenedTo(env.ORCH_STORE, 2), { timeout: 10_000 });
    letGo();
    expect((await result).code).toBe(0);
    expect((await waited).code).toBe(0);
  });

  test('and does not come back: two Ctrl-C end the run, and the output is not lost', async () => {
    const { cli, child, result, letGo } = await underWay();
    const lost = isLost(child);
    const stopping = says(child, 'Ctrl-C again');
    await server.stopForAWhile();
    letGo();
    await lost;
    await vi.waitUntil(() => !existsSync(`/proc/${cli.read('pid').trim()}`));
    child.kill('SIGINT');
    await stopping;
    child.kill('SIGINT');
    const { stderr, code } = await result;
    await server.startAgain();
    expect(code).toBe(4);
    expectOutputKept(stderr);
  });

  test('and does not come back while the run has patience: it ends with one sentence and 4, and the output is not lost', async () => {
    const { result, letGo } = await underWay({
      NODE_OPTIONS: `--import=${preload('short-patience.ts')} --import=${preload('no-network.ts')}`,
      TEST_PATIENCE_MS: '1000',
    });
    await server.stopForAWhile();
    letGo();
    const { code, stderr } = await result;
    await server.startAgain();
    expect(code).toBe(4);
    expectOutputKept(stderr);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^Cannot use the database postgres:.*; it is tried again$/),
      expect.stringMatching(/^The store could not take the output of one; it is in /),
      expect.stringMatching(/^Cannot use the database postgres:.*; see that the server runs/),
      '',
    ]);
  });

  test('and does not come back: one Ctrl-C ends a run that waits for work', async () => {
    const cli = new Cli();
    const env = { ORCH_STORE: await server.newDatabase() };
    await cli.run(['add', 'one'], { env });
    const child = cli.start(['run', '--stay', '--json', '--exec', 'true'], { env });
    const done = says(child, '"task:complete"', 'stdout');
    const result = resultOf(child);
    await done;
    await server.stopForAWhile();
    // It asks at once, having lost what it listened to.
    child.kill('SIGINT');
    const { stdout, stderr, code } = await result;
    await server.startAgain();
    expect(code).toBe(4);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'run:end' });
    const { error } = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as { error: { code: string } };
    expect(error.code).toBe('store-unusable');
  });

  test('and is started again: who has come since leaves alone what others hold that are on their way back', async () => {
    const url = await server.newDatabase();
    const proxy = await LinkProxy.before(url);
    const there = await PostgresTaskStore.connect(proxy.url);
    onTestFinished(() => there.close());
    await there.add([{ id: 'a', description: 'a' }]);
    await there.join(runInfo('there'));
    const { lease } = await claimOne(there, 'there');
    proxy.isDown = true;
    proxy.cut();
    await server.restart();
    // As if it had taken so long that all leases have ended.
    await server.sql("UPDATE orch.run SET alive_until = now() - interval '1 s'", [], url);
    const ended = "UPDATE orch_queue.job SET heartbeat_on = now() - interval '31 s' WHERE state = 'active'";
    await server.sql(ended, [], url);
    const later = await PostgresTaskStore.connect(url);
    onTestFinished(() => later.close());
    await later.join(runInfo('later'));
    expect(await later.claim({ run: 'later', leaseMs: LEASE_MS })).toMatchObject({ heldByOthers: 1 });
    proxy.isDown = false;
    expect((await there.settle(lease, done('paid for'))).result).toBe('paid for');
  });
});
