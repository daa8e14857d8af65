import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewTask, Task } from '../../src/model/task.ts';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { claimOne, done, runInfo } from '../support/store-parts.ts';
import { makeTask } from '../support/task.ts';

/** What every store says of the task at fault, where it takes none of those that it was given. @param open gives an empty store. */
export function faultContract(name: string, open: () => Promise<TaskStore>): void {
  describe(`${name} says which task is at fault`, () => {
    let store: TaskStore;

    beforeEach(async () => {
      store = await open();
      await store.add([{ id: 'there', description: 'x' }]);
    });

    afterEach(() => store.close());

    test.each<[string, string, NewTask[], number]>([
      ['a bad id', 'usage', [{ description: 'x' }, { id: 'a b', description: 'x' }], 1],
      ['what cannot be kept', 'usage', [{ description: 'x' }, { description: 'x', maxAttempts: -1 }], 1],
      [
        'an id that is taken, there',
        'conflict',
        [
          { id: 'there', description: 'x' },
          { id: 'there', description: 'y' },
        ],
        1,
      ],
      [
        'an id that is taken, among them',
        'conflict',
        [
          { id: 'a', description: 'x' },
          { id: 'a', description: 'x' },
          { id: 'a', description: 'y' },
        ],
        2,
      ],
      [
        'what is not there to come after',
        'not-found',
        [
          { id: 'there', description: 'x' },
          { description: 'x', after: ['a'] },
          { id: 'a', description: 'x' },
          { description: 'x', after: ['none'] },
        ],
        3,
      ],
      [
        'one that comes after itself',
        'usage',
        [{ description: 'x' }, { id: 'a', description: 'x', after: ['a'] }],
        1,
      ],
      [
        'a circle, that has the first behind it',
        'usage',
        [
          { description: 'x' },
          { id: 'a', description: 'x', after: ['c'] },
          { id: 'b', description: 'x', after: ['c'] },
          { id: 'c', description: 'x', after: ['b'] },
        ],
        2,
      ],
    ])('added: %s', async (_, code, tasks, index) => {
      await expect(store.add(tasks)).rejects.toMatchObject({ name: 'OrchError', code, index });
    });

    test('none is, where it is there already and what it came after was removed since', async () => {
      const again: NewTask = { id: 'b', description: 'x', after: ['there'] };
      await store.add([again]);
      await store.join(runInfo('a'));
      for (let i = 0; i < 2; i++) await store.settle((await claimOne(store, 'a')).lease, done('ok'));
      await store.remove(['there']);
      expect(await store.add([again])).toMatchObject([{ id: 'b', status: 'completed' }]);
    });

    const pending = (id: string, parts: Partial<Task> = {}) => makeTask({ id, status: 'pending', ...parts });

    test.each<[string, string, Task[], number]>([
      ['what is no task', 'usage', [pending('a'), pending('b', { attempts: -1 })], 1],
      ['another content, there', 'conflict', [pending('a'), pending('there', { priority: 9 })], 1],
      [
        'another content, among them',
        'conflict',
        [pending('a'), pending('a', { priority: 9 }), pending('a', { priority: 9 })],
        1,
      ],
      ['what is not there to come after', 'not-found', [pending('a'), pending('b', { after: ['none'] })], 1],
      [
        'a circle',
        'usage',
        [pending('a'), pending('b', { after: ['c'] }), pending('c', { after: ['b'] })],
        1,
      ],
    ])('imported: %s', async (_, code, tasks, index) => {
      await expect(store.import(tasks)).rejects.toMatchObject({ name: 'OrchError', code, index });
    });

    test('not of a single one, nor of ids that are named', async () => {
      for (const refused of [store.remove(['none']), store.edit('there', { after: ['there'] })]) {
        const error = await refused.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: 'OrchError' });
        expect(error).not.toHaveProperty('index');
      }
    });
  });
}
