import { expect, test } from 'vitest';
import { exitOf, fine, remarkable, wrong } from '../../../src/cli/doctor/finding.ts';
import { node } from '../../../src/cli/doctor/machine.ts';

test.each([
  ['24.21.0', true],
  ['22.18.0', true],
  ['23.0.1', true],
  ['22.17.1', false],
  ['20.99.0', false],
])('Node %s is enough: %s', (version, ok) => {
  const found = node(version);
  expect(found.ok).toBe(ok);
  if (!ok) expect(found.text).toBe(`${version}, and orch needs 22.18 or newer; install one from nodejs.org`);
});

test('of several problems the gravest is the exit code', () => {
  const [usage, store, later] = [wrong('a', ''), wrong('b', '', 4), wrong('c', '', 75)];
  expect(exitOf([later, usage, store])).toBe(4);
  expect(exitOf([later, usage])).toBe(2);
  expect(exitOf([later, fine('d', '')])).toBe(75);
  expect(exitOf([fine('d', ''), remarkable('e', '')])).toBe(0);
});
