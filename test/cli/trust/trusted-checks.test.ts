import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TrustedChecks } from '../../../src/cli/trust/trusted-checks.ts';
import { scratchFolder } from '../../process/lifeline.ts';

function place() {
  const folder = scratchFolder();
  const env = { XDG_STATE_HOME: join(folder, 'state') };
  return { folder, list: (store = 'tasks.json') => new TrustedChecks(join(folder, store), env) };
}

const seal = { check: 'c1', files: { 'a.sh': 'a1', 'b.sh': 'b1' } };
const task = { check: 'true', seal };

test('what was added is known to every list of this user, once written, and for this user alone', async () => {
  const { list } = place();
  const [one, other] = [list(), list()];
  expect(await one.has(task)).toBe(false);
  expect(await other.has(task)).toBe(false);
  await one.add([task, task]);
  expect(await other.has(task)).toBe(true);
  expect(await other.missing([task, { check: 'false' }])).toEqual([{ check: 'false' }]);
  await other.add([task]);
  expect(readFileSync(one.file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  expect(statSync(one.file).mode & 0o777).toBe(0o600);
});

test.each<[string, { check: string; seal?: { check: string; files?: Record<string, string> } }]>([
  ['check', { ...task, check: 'false' }],
  ['digest of the check', { ...task, seal: { ...seal, check: 'c2' } }],
  ['digest of a file', { ...task, seal: { ...seal, files: { ...seal.files, 'b.sh': 'b2' } } }],
  ['set of files', { ...task, seal: { ...seal, files: { 'a.sh': 'a1' } } }],
  ['way, without a seal', { check: 'true' }],
])('one with another %s is another check', async (_, another) => {
  const trusted = place().list();
  await trusted.add([task]);
  expect(await trusted.has(another)).toBe(false);
  expect(await trusted.has({ ...task, seal: { check: 'c1', files: { 'b.sh': 'b1', 'a.sh': 'a1' } } })).toBe(
    true,
  );
});

test('the same check in another store is another; the same store by another path is the same', async () => {
  const { folder, list } = place();
  mkdirSync(join(folder, 'other'));
  await list().add([task]);
  expect(await list('other/tasks.json').has(task)).toBe(false);
  writeFileSync(join(folder, 'tasks.json'), '{}');
  symlinkSync(folder, join(folder, 'other', 'link'));
  expect(await list('other/link/tasks.json').has(task)).toBe(true);
});

test('no check, or a blank one, needs nobody to agree', async () => {
  const trusted = place().list();
  expect(await trusted.missing([{}, { check: ' ' }])).toEqual([]);
  expect(await trusted.has({ check: '' })).toBe(true);
});
