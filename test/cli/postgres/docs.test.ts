import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Job } from 'kubernetes-models/batch/v1';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Cli, ORCH } from '../../support/cli.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/many-machines.md'), 'utf8');

/** The blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text = '']) => text,
  );
}

const [compose = {}, job = {}] = blocks('yaml').map((text) => parse(text));
const unit = sections(blocks('ini')[0] ?? '');

/** `Service.ExecStart` and the like. */
function sections(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let section = '';
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const heading = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, name, value] = /^(\w+)=(.+)$/.exec(line) ?? [];
    if (heading) section = heading;
    else if (name && value) found[`${section}.${name}`] = value;
    else throw new Error(`no line of a unit: ${line}`);
  }
  return found;
}

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

/** A machine with orch on its path. @param task what is added to the database. Default: a task */
async function machine(task: string | undefined = 'a task') {
  const cli = new Cli();
  mkdirSync(cli.path('bin'));
  for (const [name, line] of [
    ['orch', `exec "${process.execPath}" "${ORCH}" "$@"`],
    ['npm', 'echo "$@" > installed'],
  ] as const)
    chmodSync(cli.write(`bin/${name}`, `#!/bin/sh\n${line}\n`), 0o755);
  const url = await server.newDatabase();
  const env = { ORCH_STORE: url, ORCH_EXEC: 'cat', PATH: `${cli.path('bin')}:${process.env.PATH}` };
  if (task) await cli.sh(`orch add "${task}"`, { env });
  const completed = async () =>
    JSON.parse((await cli.sh('orch status --json', { env })).stdout).counts.completed;
  return { cli, env, url, completed };
}

/** It ends once there is nothing to do. */
const once = (line: string) => line.replace(' --stay', '');

test('the runners of the compose file do tasks', async () => {
  const { cli, env, completed } = await machine();
  const { db, runner } = compose.services;
  expect(runner.environment.ORCH_STORE).toBe(
    `postgres://${db.environment.POSTGRES_USER}@db/${db.environment.POSTGRES_DB}`,
  );
  expect(runner.stop_signal).toBe('SIGINT');
  const [shell, flags, script] = runner.command;
  expect([shell, flags]).toEqual(['sh', '-ec']);
  expect((await cli.sh(once(script), { env })).code).toBe(0);
  expect(cli.read('installed')).toContain('pg pg-boss@12.35');
  expect(await completed()).toBe(1);
});

test('the unit of systemd does', async () => {
  const { cli, env, completed } = await machine();
  expect((await cli.sh(once(unit['Service.ExecStart'] ?? ''), { env })).code).toBe(0);
  expect(await completed()).toBe(1);
  expect(unit).toMatchObject({ 'Service.KillSignal': 'SIGINT', 'Service.RestartPreventExitStatus': '2 3' });
});

test.each([
  ['compose file', () => String(compose.services.runner.command[2])],
  ['unit', () => `${unit['Service.ExecStartPre']} && ${unit['Service.ExecStart']}`],
])('the runners of the %s begin on an empty database', async (_, script) => {
  const { cli, env, completed } = await machine('');
  expect((await cli.sh(once(script()), { env })).code).toBe(0);
  expect(await completed()).toBe(0);
});

test('and so does the job of Kubernetes', async () => {
  const { cli, env, completed } = await machine();
  const [container] = job.spec.template.spec.containers;
  const budget = { ...env, ORCH_EXEC: 'cat' };
  expect((await cli.sh(container.command.join(' '), { env: budget })).code).toBe(0);
  expect(await completed()).toBe(1);
  const [, fail] = job.spec.podFailurePolicy.rules;
  expect(fail.onExitCodes).toEqual({ containerName: container.name, operator: 'In', values: [1, 2, 3] });
});

test('which is one that Kubernetes takes', () => {
  expect(() => new Job(job).validate()).not.toThrow();
  const [, fail] = job.spec.podFailurePolicy.rules;
  const wrong = { ...fail, onExitCodes: { ...fail.onExitCodes, values: ['one'] } };
  const podFailurePolicy = { rules: [wrong] };
  expect(() => new Job({ ...job, spec: { ...job.spec, podFailurePolicy } }).validate()).toThrow('integer');
});

test('each query that is to be watched is one', async () => {
  const { url } = await machine();
  const queries = (blocks('sql')[1] ?? '').split(';').filter((text) => text.trim() !== '');
  expect(queries.length).toBe(6);
  const found = [];
  for (const query of queries) found.push(await server.sql<Record<string, unknown>>(query, [], url));
  expect(found[0]).toEqual([{ state: 'created', blocked: false, count: '1' }]);
  expect(found[2]).toEqual([{ min: expect.any(Date) }]);
  expect(found[3]).toEqual([{ count: '0' }]);
});
