import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInRange, parseRange } from '../../src/cli/range.ts';
import { onSelected, type Selection, selectIds, selectTasks } from '../../src/cli/select.ts';
import { OrchError } from '../../src/model/errors.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { makeTask } from '../support/task.ts';

const TASKS = [
  makeTask({ id: 'task-009', status: 'completed', tags: ['docs'] }),
  makeTask({ id: 'own', status: 'failed', tags: ['docs', 'fr'] }),
  makeTask({ id: 'task-011', status: 'pending', tags: ['fr'] }),
  makeTask({ id: 'task-010', status: 'pending' }),
  makeTask({ id: 'a..b', status: 'pending' }),
  makeTask({ id: 'x1..x3', status: 'pending' }),
  makeTask({ id: 'x2', status: 'failed' }),
];

const store = () => new MemoryTaskStore({ tasks: TASKS });
const ids = (selection: Selection) => selectIds(store(), selection);

describe('what is selected', () => {
  test('is everything where nothing is said', async () => {
    expect(await ids({})).toEqual(TASKS.map(({ id }) => id));
  });

  test('ids alone keep their order, each once', async () => {
    expect(await ids({ words: ['task-011', 'own', 'task-011'] })).toEqual(['task-011', 'own']);
  });

  test('a range has all between its ends, which need not exist, in the order of adding', async () => {
    expect(await ids({ words: ['task-008..task-020'] })).toEqual(['task-009', 'task-011', 'task-010']);
    expect(await ids({ words: ['task-10..task-10', 'own'] })).toEqual(['own', 'task-010']);
  });

  test('statuses and tags: any of one kind, and each kind narrows', async () => {
    expect(await ids({ statuses: ['failed', 'completed'] })).toEqual(['task-009', 'own', 'x2']);
    expect(await ids({ tags: ['docs', 'fr'] })).toEqual(['task-009', 'own', 'task-011']);
    expect(await ids({ tags: ['docs'], statuses: ['failed'] })).toEqual(['own']);
    expect(await ids({ words: ['task-001..task-099'], tags: ['fr'] })).toEqual(['task-011']);
    expect(await ids({ words: ['own'], statuses: ['pending'] })).toEqual([]);
  });

  test('an id may hold two dots: a task of that name comes before a range', async () => {
    expect(await ids({ words: ['a..b'] })).toEqual(['a..b']);
    expect(await ids({ words: ['x1..x3'] })).toEqual(['x1..x3']);
    expect(await ids({ words: ['x1..x4'] })).toEqual(['x2']);
  });

  test('an unknown id and a range without a task are told before anything comes', async () => {
    await expect(ids({ words: ['own', 'nobody'] })).rejects.toMatchObject({ code: 'not-found' });
    await expect(ids({ words: ['task-500..task-600'] })).rejects.toThrow(
      'There is no task in task-500..task-600',
    );
    const streamed = selectTasks(store(), { words: ['own', 'nobody'] })[Symbol.asyncIterator]();
    await expect(streamed.next()).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a range', () => {
  test('has ends of one form, the lower one first', () => {
    for (const text of [
      'a1..b2',
      'a..b',
      'task-1..2',
      '..task-2',
      'task-1..',
      'task-1..task-',
      'a b1..a b2',
    ]) {
      expect(() => parseRange(text)).toThrow('to be ids that differ in the number at their end');
    }
    expect(() => parseRange('task-2..task-1')).toThrow('ends before it begins');
    expect(parseRange('task-1')).toBeUndefined();
  });

  test('holds exactly what lies between, whatever the padding', () => {
    const number = fc.bigInt({ min: 0n, max: 10n ** 30n });
    const width = fc.nat({ max: 20 });
    fc.assert(
      fc.property(
        number,
        number,
        number,
        width,
        fc.constantFrom('task-', 'v1.', ''),
        (a, b, c, pad, prefix) => {
          const [first, last] = a < b ? [a, b] : [b, a];
          const range = parseRange(`${prefix}${first}..${prefix}${last}`);
          const id = prefix + String(c).padStart(pad, '0');
          expect(range && isInRange(id, range)).toBe(c >= first && c <= last);
          expect(range && isInRange(`other-${id}`, range)).toBe(false);
        },
      ),
    );
  });
});

describe('doing something to all that is selected', () => {
  const conflict = new OrchError('conflict', 'it has changed');

  test('is nothing where nothing is', async () => {
    expect(await onSelected(store(), { tags: ['none'] }, async () => 'done')).toBeUndefined();
  });

  test('selects again where tasks changed in between', async () => {
    const changing = store();
    const seen: string[][] = [];
    const answer = await onSelected(changing, { statuses: ['pending'], tags: ['fr'] }, async (selected) => {
      seen.push(selected);
      if (seen.length > 1) return 'done';
      await changing.add([{ description: 'new', tags: ['fr'], id: 'later' }]);
      throw conflict;
    });
    expect({ answer, seen }).toEqual({ answer: 'done', seen: [['task-011'], ['task-011', 'later']] });
  });

  test('is refused where the same tasks are selected again', async () => {
    await expect(onSelected(store(), { words: ['own'] }, () => Promise.reject(conflict))).rejects.toBe(
      conflict,
    );
  });
});
