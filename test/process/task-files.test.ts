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
