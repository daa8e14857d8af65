import { type ChildProcess, execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import { Cli, jsonLines, resultOf, says } from '../support/cli.ts';
import { LinkProxy } from '../support/link-proxy.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { enough } from '../support/thorough.ts';

/** 30 s are as long as a lease lasts. */
const CUT_MS = enough(1000, 31_000);
const TASKS = 16;
const AT_ONCE = 4;

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

test(`a link that is cut for ${CUT_MS / 1000} s: two runs wait and go on, and what ended meanwhile is kept once`, {
  timeout: 90_000,
}, async () => {
  const cli = new Cli();
  const url = await server.newDatabase();
  const proxy = await LinkProxy.before(url);
  const input = Array.from({ length: TASKS }, (_, i) => `task ${i}\n`).join('');
  await cli.run(['add', '-'], { input, env: { ORCH_STORE: url } });
  // Each execution writes down that it began, and ends for each line that the test gives.
  execFileSync('mkfifo', [cli.path('gate')]);
  const gate = openSync(cli.path('gate'), 'r+');
  onTestFinished(() => closeSync(gate));
  const begun = linesOf(cli.write('begun', ''));
  const ended = linesOf(cli.write('ended', ''));
  /** One by one, since a shell may read more than its line. */
  const letGo = async (upTo: number): Promise<void> => {
    while (ended().length < upTo) {
      const before = ended().length;
      writeSync(gate, '\n');
      await vi.waitUntil(() => ended().length > before, { timeout: 20_000 });
    }
  };

  const exec =
    'echo $ORCH_TASK_ID >>begun; read go <gate; echo $ORCH_TASK_ID >>ended; echo "$ORCH_TASK_ID is paid for"';
  const args = ['run', '-j', `${AT_ONCE}`, '--exec', exec];
  const start = (): ChildProcess => cli.start(args, { env: { ORCH_STORE: proxy.url } });
  const runs = [start(), start()];
  const results = runs.map(resultOf);
  const lost = runs.map((run) => says(run, 'it is tried again'));
  const back = runs.map((run) => says(run, 'is there again'));
  await vi.waitUntil(() => begun().length === 2 * AT_ONCE, { timeout: 20_000 });

  proxy.isDown = true;
  proxy.cut();
  await letGo(AT_ONCE);
  await Promise.all(lost);
  await wait(CUT_MS);
  // Nothing new is begun meanwhile.
  expect(begun()).toHaveLength(2 * AT_ONCE);
  proxy.isDown = false;
  await Promise.all(back);
  await letGo(TASKS);

  const said = (await Promise.all(results)).map(({ code, stdout }) => {
    expect(code).toBe(0);
    return [...stdout.matchAll(/^\S*✓ (task-\d+) +completed/gm)].map(([, id]) => id);
  });
  const ids = Array.from({ length: TASKS }, (_, i) => `task-${String(i + 1).padStart(3, '0')}`);
  // Nothing was paid twice, and it was told once.
  expect(begun().toSorted()).toEqual(ids);
  expect(said.flat().toSorted()).toEqual(ids);
  const { stdout } = await cli.run(['list', '--json'], { env: { ORCH_STORE: url } });
  for (const { id, status, result, history } of jsonLines(stdout) as unknown as Task[]) {
    expect({ id, status, attempts: history.length }).toEqual({ id, status: 'completed', attempts: 1 });
    expect(result).toBe(`${id} is paid for\n`);
  }
});

function linesOf(path: string): () => string[] {
  return () => readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
