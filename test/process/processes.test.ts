import { expect, test } from 'vitest';
import { descendants, parseStat } from '../../src/process/processes.ts';

test('the name of a program does not confuse what stands behind it', () => {
  expect(parseStat('7 (a) S 1 2 (3) R 50 60 70 0 -1')).toEqual({ group: 60, session: 70 });
});

const TABLE = `    1     0     1
  100    50   100
  101   100   100
  102   101   102
  103   102   102
  200    50   200
  201   200   201
`;

test('the tree of parents gives all below the leader, each with its group', () => {
  expect(descendants(TABLE, 100)).toEqual([
    { pid: 101, group: 100 },
    { pid: 102, group: 102 },
    { pid: 103, group: 102 },
  ]);
});

test('whoever was known before is found without its parent, unless its id is in another group now', () => {
  const orphaned = TABLE.replace('  102   101   102', '  102     1   102');
  expect(descendants(orphaned, 100)).toEqual([{ pid: 101, group: 100 }]);
  expect(descendants(orphaned, 100, [{ pid: 102, group: 102 }])).toContainEqual({ pid: 103, group: 102 });
  expect(descendants(orphaned, 100, [{ pid: 102, group: 9 }])).toEqual([{ pid: 101, group: 100 }]);
});
