import { expect, test } from 'vitest';
import { LateLeases } from '../../src/stores/late-leases.ts';
import { TableOperations } from '../../src/stores/table-operations.ts';
import { TaskTable } from '../../src/stores/task-table.ts';

/** A list that knows how often it was gone through. */
class Watched extends Array<string> {
  passes = 0;

  override [Symbol.iterator](): ArrayIterator<string> {
    this.passes++;
    return super[Symbol.iterator]();
  }
}

test('to remove many tasks, their ids are gone through once, not once for each', () => {
  const moment = { now: 0, isLive: () => false, late: new LateLeases() };
  const table = new TaskTable();
  const operations = new TableOperations(table, moment);
  const ids = operations.add(Array(100).fill({ description: 'x' })).tasks.map(({ id }) => id);
  const watched = Watched.from(ids) as Watched;
  operations.remove(watched);
  expect(table.counts().total).toBe(0);
  expect(watched.passes).toBe(1);
});
