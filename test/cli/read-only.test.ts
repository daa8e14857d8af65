import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cli, ORCH } from '../support/cli.ts';

/** Nothing is read-only to root: another user does it there. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

function orch(cwd: string, ...args: string[]) {
  const options = { cwd, encoding: 'utf8', env: { PATH: process.env.PATH }, ...NOBODY } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [ORCH, ...args], options);
  return { code: status, stdout, stderr };
}

/** Whether that user can reach the program: the checkout may be root's alone. */
const CAN_RUN = orch('/', '--version').code === 0;

/** What in the store's folder cannot be written, as modes of the folder, the tasks file and all others. */
const PLACES: Record<string, [folder: number, file: number, others: number]> = {
  'a read-only folder': [0o555, 0o444, 0o444],
  'a read-only folder whose files are not': [0o555, 0o666, 0o666],
  'a read-only tasks.json': [0o777, 0o444, 0o666],
};

const LEFT: Record<string, string[]> = {
  'with a journal': [],
  alone: ['tasks.json.journal', 'tasks.json.lock'],
};

async function storeIn(place: string, without: string): Promise<string> {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: 'one\ntwo\n' });
  await cli.sh(['rm', '-f', ...(LEFT[without] ?? [])].join(' '));
  const [folder, file, others] = PLACES[place] ?? [0, 0, 0];
  for (const name of readdirSync(cli.dir)) {
    if (name !== 'home') chmodSync(cli.path(name), name === 'tasks.json' ? file : others);
  }
  chmodSync(cli.dir, folder);
  onTestFinished(() => chmodSync(cli.dir, 0o755));
  return cli.dir;
}

describe.runIf(CAN_RUN).each(Object.keys(PLACES))('in %s', (place) => {
  // There, what appends to the journal alone needs nothing of the folder.
  const isAppendable = place.endsWith('are not');

  test.each(Object.keys(LEFT))('%s, what only looks works', async (without) => {
    const dir = await storeIn(place, without);
    expect(orch(dir, 'list')).toMatchObject({ code: 0, stderr: '' });
    expect(orch(dir, 'status').stdout).toContain(
      '2 tasks: ✓ 0 completed, ✗ 0 failed, ▶ 0 running, · 2 pending',
    );
    expect(orch(dir, 'show', 'task-001')).toMatchObject({ code: 0, stderr: '' });
    expect(orch(dir, 'run', '--dry-run', '--exec', 'cat').code).toBe(0);
  });

  test.each(Object.keys(LEFT))('%s, what changes something ends with 4 and a sentence', async (without) => {
    const dir = await storeIn(place, without);
    const before = readFileSync(`${dir}/tasks.json`);
    const commands = [
      ['run', '--exec', 'cat'],
      ...(isAppendable && without === 'with a journal'
        ? []
        : [
            ['add', 'new'],
            ['cancel', 'task-001'],
          ]),
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = orch(dir, ...command);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toMatch(
        /^Cannot (lock|use|write) tasks\.json(\.lock)?: permission is missing; change its owner or mode, or name another store\n$/,
      );
    }
    expect(orch(dir, 'doctor', '-q')).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(
        /^problem {2}place {4}Cannot write tasks\.json: permission is missing; .*\n$/,
      ),
    });
    expect(readFileSync(`${dir}/tasks.json`)).toEqual(before);
    expect(readdirSync(dir).filter((name) => name.includes('.run-') || name.endsWith('.tmp'))).toEqual([]);
  });
});
