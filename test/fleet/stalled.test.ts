import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { Cli, jsonLines, type Result, resultOf } from '../support/cli.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { claimOne, runInfo } from '../support/store-parts.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

interface Holder {
  cli: Cli;
  url: string;
  child: ChildProcess;
  result: Promise<Result>;
  letGo(): void;
}

/** A runner that has the only task in hand until `letGo`. */
async function holder(): Promise<Holder> {
  const cli = new Cli();
  const url = await server.newDatabase();
  execFileSync('mkfifo', [cli.path('go')]);
  await cli.run(['--store', url, 'add', '--id', 'one', 'x']);
  const exec = 'touch started; cat go; echo from the first';
  const child = cli.start(['--store', url, 'run', '--json', '--exec', exec]);
  const result = resultOf(child);
  await cli.appears('started');
  return { cli, url, child, result, letGo: () => cli.write('go', '') };
}

/** As if so much time had passed since anybody said that it lives, or renewed a lease. */
async function later(url: string, seconds: number): Promise<void> {
  const interval = `interval '${seconds} seconds'`;
  await server.sql(`UPDATE orch.run SET alive_until = alive_until - ${interval}`, [], url);
  await server.sql(`UPDATE orch_queue.job SET heartbeat_on = heartbeat_on - ${interval}`, [], url);
}

function second({ cli, url }: Holder): Promise<Result> {
  return cli.run(['--store', url, 'run', '--json', '--exec', 'echo from the second']);
}

function eventsOf({ stdout }: Result): unknown[] {
  return jsonLines(stdout).map(({ event }) => event);
}

async function taskIn({ cli, url }: Holder) {
  const { stdout } = await cli.run(['--store', url, 'show', 'one', '--json']);
  const { result, status, history } = JSON.parse(stdout) as {
    result: string;
    status: string;
    history: { outcome: string }[];
  };
  return { result, status, outcomes: history.map(({ outcome }) => outcome) };
}

const BY_SECOND = { status: 'completed', result: 'from the second\n', outcomes: ['interrupted', 'passed'] };

test('what a runner brings that slept past its lease is refused, and said; hooks run once', async () => {
  const first = await holder();
  first.child.kill('SIGSTOP');
  await later(first.url, 30);
  const other = await second(first);
  expect(other.code).toBe(0);
  expect(eventsOf(other)).toContain('task:complete');
  first.letGo();
  first.child.kill('SIGCONT');
  const slept = await first.result;
  expect(eventsOf(slept)).toContain('task:lost');
  expect(eventsOf(slept)).not.toContain('task:complete');
  expect(await taskIn(first)).toEqual(BY_SECOND);
});

test('what a dead runner had in hand is free 30 s later, and nobody else has to be there', async () => {
  const first = await holder();
  first.child.kill('SIGKILL');
  first.letGo();
  await first.result;
  await later(first.url, 30);
  const other = await second(first);
  expect(other.code).toBe(0);
  expect(await taskIn(first)).toEqual(BY_SECOND);
});

test('who waits for a lease to end waits as long as it lasts, however wrong its own clock is', async () => {
  const url = await server.newDatabase();
  const opened = async (): Promise<PostgresTaskStore> => {
    const store = await PostgresTaskStore.connect(url);
    onTestFinished(() => store.close());
    return store;
  };
  const [holding, waiting] = [await opened(), await opened()];
  await holding.join(runInfo('holding'));
  await holding.add([{ description: 'x' }]);
  await claimOne(holding, 'holding');
  for (const wrongMs of [0, 3_600_000, -3_600_000]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + wrongMs });
    if (wrongMs === 0) await waiting.join(runInfo('waiting'));
    const answer = await waiting.claim({ run: 'waiting', leaseMs: 30_000 });
    const leftMs = Date.parse(('leaseEndsAt' in answer && answer.leaseEndsAt) || '') - Date.now();
    vi.useRealTimers();
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(31_000);
  }
});
