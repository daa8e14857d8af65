import { once } from 'node:events';
import { existsSync, readdirSync, watch } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { FAULT_POINTS } from '../../src/stores/json/disk/fault-points.ts';
import { Cli } from '../support/cli.ts';

// Dozens of processes, and disks that are slow.
vi.setConfig({ testTimeout: 300_000 });

interface Report {
  seed: number;
  kills: number;
  killsAt: Record<string, number>;
  stalls: number;
  powerCuts: number;
  tasks: number;
  violations: Array<{ rule: string; store: string; message: string }>;
  folder?: string;
}

const scratch = (cli: Cli): string[] =>
  readdirSync(cli.dir).filter((name) => name.startsWith('.orch-selftest-'));

test('it kills at every point, and finds nothing lost and nothing done twice', async () => {
  const cli = new Cli();
  const store = cli.write('tasks.json', 'not to be touched');
  const { code, stdout, stderr } = await cli.run(['selftest', '--kills', '16', '--seed', '3', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const report: Report = JSON.parse(stdout);
  expect(report).toMatchObject({ seed: 3, kills: 16, stalls: 2, powerCuts: 4, violations: [] });
  expect(Object.keys(report.killsAt)).toEqual([...FAULT_POINTS, 'random']);
  for (const point of FAULT_POINTS) expect(report.killsAt[point]).toBe(1);
  expect(report.killsAt.random).toBe(5);
  expect(report.tasks).toBeGreaterThan(100);
  expect(report).not.toHaveProperty('folder');
  expect(readdirSync(cli.dir).sort()).toEqual(['home', 'tasks.json']);
  expect(cli.read('tasks.json')).toBe('not to be touched');
  expect(existsSync(`${store}.lock`)).toBe(false);
});

test('it says so in a table', async () => {
  const cli = new Cli();
  const { code, stdout, stderr } = await cli.run(['selftest', '--kills', '1']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Seed \d+: \d+ workers on 1 store\n/);
  expect(stdout).toMatch(/^kills in all +1$/m);
  expect(stdout).toMatch(/^violations +0$/m);
});

test.each([
  ['fencing', '1', ['fence']],
  // It takes a power cut, of which there is one in five kills, at a moment that matters.
  ['sync', '20', ['again', 'lost', 'twice', 'store']],
])('with %s broken it finds violations, names them and keeps what is left', async (broken, kills, rules) => {
  const cli = new Cli();
  const env = { ORCH_SELFTEST_BREAK: broken };
  const { code, stdout } = await cli.run(['selftest', '--kills', kills, '--json'], { env });
  const { violations, folder }: Report = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(violations.some(({ rule }) => rules.includes(rule))).toBe(true);
  const [{ store = '' } = {}] = violations;
  expect(readdirSync(`${folder}/${store}`)).toContain('tasks.json');
});

test('ended by a signal it proves nothing, and leaves nothing', async () => {
  const cli = new Cli();
  const changes = watch(cli.dir);
  const child = cli.start(['selftest', '--kills', '500']);
  const closed = once(child, 'close');
  while (scratch(cli).length === 0) await once(changes, 'change');
  changes.close();
  child.kill('SIGINT');
  expect((await closed)[0]).toBe(130);
  expect(scratch(cli)).toEqual([]);
});

test('what cannot be meant is refused', async () => {
  const cli = new Cli();
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli.run(['selftest', ...args]);
    expect(stdout).toBe('');
    return [code, stderr];
  };
  expect(await refused('--kills', '0')).toEqual([
    2,
    'Expected --kills to be a whole number of at least 1, got "0"\n',
  ]);
  expect(await refused('--store', 'nowhere/tasks.json')).toEqual([
    4,
    expect.stringMatching(
      /^Cannot write a scratch folder in \S+nowhere: its folder does not exist; create that first\n$/,
    ),
  ]);
  expect((await refused('--store', 'mysql://localhost/x'))[0]).toBe(2);
});
