import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { withTaskFiles } from '../../src/process/task-files.ts';

test('each text is in a file that a variable names, in a folder for this user alone', async () => {
  await withTaskFiles(
    { id: 'task-1', task: 'do it', previous_result: 'ä\0', feedback: '' },
    async (environment) => {
      const read = (name: string) => readFileSync(environment[name]!, 'utf8');
      expect(read('ORCH_TASK_FILE')).toBe('do it');
      expect(read('ORCH_PREVIOUS_RESULT_FILE')).toBe('ä\0');
      expect(read('ORCH_FEEDBACK_FILE')).toBe('');
      expect(statSync(dirname(environment.ORCH_TASK_FILE!)).mode & 0o777).toBe(0o700);
    },
  );
});

test('what is not given is taken out of the environment', async () => {
  const environment = await withTaskFiles({ id: 'task-1', task: 'x' }, async (named) => named);
  expect(environment).toStrictEqual({
    ORCH_TASK_ID: 'task-1',
    ORCH_ATTEMPT: undefined,
    ORCH_FEEDBACK: undefined,
    ORCH_TASK_FILE: expect.any(String),
    ORCH_RESULT_FILE: undefined,
    ORCH_PREVIOUS_RESULT_FILE: undefined,
    ORCH_FEEDBACK_FILE: undefined,
    ORCH_TASK_METADATA_FILE: undefined,
    ORCH_TASK_AFTER_FILE: undefined,
  });
});

test('what is short is in a variable too, the beginning of long feedback, and no NUL', async () => {
  const feedback = `a\0b${'€'.repeat(100_000)}`;
  const environment = await withTaskFiles(
    { id: 'task-1', task: 'x', attempt: 2, feedback },
    async (named) => named,
  );
  expect(environment).toMatchObject({
    ORCH_TASK_ID: 'task-1',
    ORCH_ATTEMPT: '2',
    ORCH_FEEDBACK: `ab${'€'.repeat(Math.floor((65536 - 2) / 3))}`,
  });
});

test('the folder is gone afterwards, also when the use of it failed', async () => {
  const folders: string[] = [];
  const use = async (environment: Record<string, string | undefined>) => {
    folders.push(dirname(environment.ORCH_TASK_FILE!));
    chmodSync(environment.ORCH_TASK_FILE!, 0);
    if (folders.length === 2) throw new Error('as planned');
    return 'answer';
  };
  expect(await withTaskFiles({ id: 'task-1', task: 'x' }, use)).toBe('answer');
  await expect(withTaskFiles({ id: 'task-1', task: 'x' }, use)).rejects.toThrow('as planned');
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});

test('metadata is in variables and whole in a file; the result of each task that it comes after in a file', async () => {
  const metadata = { 'a-b': '1', a_b: '2\0', c: 3 };
  const after = ['one', 'two', 'one', 'x.y', 'x-y'];
  const asked: string[] = [];
  const resultOf = async (id: string) => {
    asked.push(id);
    return `${id}\0 $(x)`;
  };
  await withTaskFiles({ id: 'task-1', task: 'x', metadata, after, resultOf }, async (environment) => {
    const read = (name: string) => readFileSync(environment[name]!, 'utf8');
    expect(environment.ORCH_METADATA_C).toBe('3');
    expect(environment).not.toHaveProperty('ORCH_METADATA_A_B');
    expect(JSON.parse(read('ORCH_TASK_METADATA_FILE'))).toEqual(metadata);
    expect(read('ORCH_AFTER_ONE_FILE')).toBe('one\0 $(x)');
    expect(read('ORCH_AFTER_TWO_FILE')).toBe('two\0 $(x)');
    expect(statSync(environment.ORCH_AFTER_ONE_FILE!).mode & 0o777).toBe(0o600);
    // Both would be ORCH_AFTER_X_Y_FILE.
    expect(environment).not.toHaveProperty('ORCH_AFTER_X_Y_FILE');
    const paths = JSON.parse(read('ORCH_TASK_AFTER_FILE')) as Record<string, string>;
    expect(Object.keys(paths)).toEqual(['one', 'two', 'x.y', 'x-y']);
    expect(paths.one).toBe(environment.ORCH_AFTER_ONE_FILE);
    expect(readFileSync(paths['x-y']!, 'utf8')).toBe('x-y\0 $(x)');
  });
  expect(asked).toEqual(['one', 'two', 'x.y', 'x-y']);
});

test('ids that differ in their case, or are dots, have files of their own', async () => {
  const after = ['a', '..', '.'];
  await withTaskFiles({ id: 't', task: 'x', after, resultOf: async (id) => id }, async (environment) => {
    for (const [id, name] of [
      ['a', 'A'],
      ['..', '__'],
      ['.', '_'],
    ]) {
      expect(readFileSync(environment[`ORCH_AFTER_${name}_FILE`]!, 'utf8')).toBe(id);
    }
  });
});

test('a result that is no UTF-8 is in its file byte for byte', async () => {
  const facts = { id: 't', task: 'x', after: ['a'], resultOf: async () => Buffer.from([0xff, 0]) };
  await withTaskFiles(facts, async (environment) => {
    expect(readFileSync(environment.ORCH_AFTER_A_FILE!)).toEqual(Buffer.from([0xff, 0]));
  });
});

test('where nobody gives results there are no files of them', async () => {
  const environment = await withTaskFiles({ id: 't', task: 'x', after: ['a'] }, async (named) => named);
  expect(environment.ORCH_TASK_AFTER_FILE).toBeUndefined();
  expect(Object.keys(environment).filter((name) => name.startsWith('ORCH_AFTER'))).toEqual([]);
});
