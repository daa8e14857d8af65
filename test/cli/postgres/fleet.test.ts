import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Usage } from '../../../src/model/usage.ts';
import { message } from '../../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../../support/claude-setup.ts';
import { Cli, jsonLines, preload, says } from '../../support/cli.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

let server: PostgresServer;
const claude = useFaultServer();

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

/** Two machines and one database. */
async function machines(tasks: string) {
  const url = await server.newDatabase();
  const on = (host: string) => {
    const cli = new Cli();
    const env = {
      ORCH_STORE: url,
      TEST_HOST: host,
      NODE_OPTIONS: `--import=${preload('other-host.ts')} --import=${preload('no-network.ts')}`,
    };
    return {
      cli,
      run: (...args: string[]) => cli.run(args, { env }),
      start: (args: string[], more = {}) => cli.start(args, { env: { ...env, ...more } }),
      /** A run whose tasks wait until they are let go. */
      gated(...flags: string[]): { run: ChildProcess; go(): void; held: Promise<void> } {
        execFileSync('mkfifo', [cli.path('gate')]);
        const gate = openSync(cli.path('gate'), 'r+');
        onTestFinished(() => closeSync(gate));
        const run = cli.start(['run', '-j', '1', '--exec', ': >here; read go <gate', ...flags], { env });
        return { run, go: () => void writeSync(gate, 'go\n'), held: cli.appears('here') };
      },
    };
  };
  const near = on('near');
  await near.cli.run(['add', '-'], { input: tasks, env: { ORCH_STORE: url } });
  return { url, near, far: on('far') };
}

test('from any machine all runs are seen, paused, resumed and stopped', async () => {
  const { near, far } = await machines('a task\n'.repeat(4));
  const [a, b] = [near.gated(), far.gated()];
  await Promise.all([a.held, b.held]);
  const seen = JSON.parse((await near.run('status', '--json')).stdout);
  expect(
    seen.runs
      .map(({ host, held, perMinute, pid }: Record<string, unknown>) => ({ host, held, perMinute, pid }))
      .toSorted(byHost),
  ).toEqual([
    { host: 'far', held: 1, perMinute: 0, pid: b.run.pid },
    { host: 'near', held: 1, perMinute: 0, pid: a.run.pid },
  ]);
  const watch = near.start(['watch']);
  const [sawNear, sawFar] = [says(watch, 'on near, orch', 'stdout'), says(watch, 'on far, orch', 'stdout')];
  await Promise.all([sawNear, sawFar]);
  const paused = [a, b].map(({ run }) => says(run, 'paused', 'stdout'));
  expect((await far.run('pause')).stdout).toMatch(/^2 runs told to pause: /);
  await Promise.all(paused);
  const resumed = [a, b].map(({ run }) => says(run, 'resumed', 'stdout'));
  await near.run('resume');
  await Promise.all(resumed);
  const ended = [a, b].map(({ run }) => once(run, 'exit'));
  await far.run('stop');
  for (const { go } of [a, b]) go();
  expect(await Promise.all(ended)).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(JSON.parse((await near.run('status', '--json')).stdout).counts).toMatchObject({
    completed: 2,
    pending: 2,
  });
  watch.kill('SIGTERM');
});

function byHost(a: { host?: unknown }, b: { host?: unknown }): number {
  return String(a.host) < String(b.host) ? -1 : 1;
}

test('when tasks fail in a row on one machine, the runs on all of them end with 3', async () => {
  const { near, far } = await machines('a task\n'.repeat(8));
  const b = far.gated();
  await b.held;
  const ended = once(b.run, 'exit');
  const broken = await near.run('run', '-j', '1', '--exec', 'false', '--no-retry', '--max-failures', '2');
  expect(broken.code).toBe(3);
  const told = JSON.parse((await near.run('status', '--json')).stdout);
  expect(told.runs).toEqual([expect.objectContaining({ host: 'far', told: 'trip' })]);
  b.go();
  expect(await ended).toEqual([3, null]);
  expect(JSON.parse((await near.run('status', '--json')).stdout).counts).toMatchObject({
    completed: 1,
    failed: 2,
    pending: 5,
  });
});

test('one cap holds over the runs of both machines, and most of it is spent', {
  timeout: 60_000,
}, async () => {
  const CAP_USD = 0.5;
  const MAX_TOKENS = 4000;
  const { near, far } = await machines('a task\n'.repeat(100));
  const begun = Promise.withResolvers<void>();
  let billed = 0;
  claude().handle(async () => {
    await begun.promise;
    const output_tokens = Math.ceil(Math.random() * MAX_TOKENS);
    billed += (output_tokens * 10) / 1e6;
    return message({ text: 'done', usage: { input_tokens: 0, output_tokens } });
  });
  const args = ['run', '-j', '8', '--no-verify', '--max-tokens', `${MAX_TOKENS}`, '--max-cost', `${CAP_USD}`];
  const env = { ANTHROPIC_BASE_URL: claude().url, ANTHROPIC_API_KEY: TEST_KEY };
  const runs = [near.start(args, env), far.start(args, env)];
  const ended = Promise.all(runs.map((run) => once(run, 'exit')));
  await Promise.all(runs.map((run) => says(run, 'started', 'stdout')));
  begun.resolve();
  expect(await ended).toEqual([
    [3, null],
    [3, null],
  ]);
  expect(billed).toBeLessThanOrEqual(CAP_USD);
  expect(billed).toBeGreaterThanOrEqual(0.85 * CAP_USD);
  const tasks = jsonLines((await near.run('list', '--json')).stdout);
  const spent = tasks.reduce((sum, { usage }) => sum + ((usage as Usage | undefined)?.costUsd ?? 0), 0);
  expect(spent).toBeCloseTo(billed, 8);
});
