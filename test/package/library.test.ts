import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** A project that has orch among its dependencies. */
function project(): string {
  const dir = mkdtempSync(join(tmpdir(), 'orch-project-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/orch'));
  symlinkSync(join(root, 'node_modules/@types'), join(dir, 'node_modules/@types'));
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');
  return dir;
}

test("README's library example has right types, runs, and does what it says", async () => {
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const dir = project();
  writeFileSync(join(dir, 'example.ts'), example);

  const tsc = join(root, 'node_modules/.bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const { stdout: typeErrors } = await execute(tsc, [...options, 'example.ts'], { cwd: dir }).catch(
    (error) => error,
  );
  expect(typeErrors).toBe('');

  const { stdout } = await execute(process.execPath, ['example.ts'], { cwd: dir });
  expect(stdout).toBe('task-001 is done\n1 of 1 completed\n');
  expect(JSON.parse(readFileSync(join(dir, 'tasks.json'), 'utf8')).tasks).toMatchObject([
    { id: 'task-001', status: 'completed', verified: true, priority: 5 },
  ]);
});
