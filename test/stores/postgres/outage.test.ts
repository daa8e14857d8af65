import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Cli, jsonLines, resultOf, says } from '../../support/cli.ts';
import { OwnPostgresServer } from '../../support/postgres-server.ts';

let server: OwnPostgresServer;

beforeAll(async () => {
  server = await OwnPostgresServer.startOwn();
});

afterAll(() => server?.stop());

/** A run on a store of its own, whose task is under way until `letGo`. */
async function underWay(...args: string[]) {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  execFileSync('mkfifo', [cli.path('go')]);
  await cli.run(['add', '--id', 'one', 'one'], { env });
  const exec = 'echo $$ > pid; touch started; cat go; echo paid for';
  const child = cli.start(['run', ...args, '--exec', exec], { env });
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
    const [, path] = /The store could not take the output of one; it is in (.*)/.exec(stderr) ?? [];
    if (path === undefined) throw new Error(stderr);
    expect(readFileSync(path, 'utf8')).toBe('paid for\n');
    rmSync(dirname(path), { recursive: true });
    expect(stderr).not.toMatch(/ {4}at /);
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
});
