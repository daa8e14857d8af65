import { copyFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { claimOne, done, idsOf, listed, runInfo } from '../../../support/store-parts.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/stores');

/** The message with which a file of this content is refused, `PATH` for its path; the file is as it was. */
async function refusal(content: string | Buffer): Promise<string> {
  const path = join(scratchFolder(), 'tasks.json');
  writeFileSync(path, content);
  const store = await JsonTaskStore.open(path);
  const messages = [];
  for (const operation of [() => store.counts(), () => store.add([{ description: 'x' }])]) {
    const error = await operation().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'OrchError', code: 'store-unusable' });
    messages.push(String((error as Error).message));
  }
  await store.close();
  expect(messages[1]).toBe(messages[0]);
  expect(readFileSync(path)).toEqual(Buffer.from(content));
  return String(messages[0]).replaceAll(path, 'PATH');
}

function fileWith(task: string): string {
  return `{\n  "version": 1,\n  "tasks": [\n    { "id": "t", "description": "x" },\n    ${task}\n  ]\n}\n`;
}

const BEGUN = '"number": 1, "run": "r", "startedAt": "2026-11-22T00:00:00Z"';
const REJECTED = '"passed": false, "confidence": 1, "feedback": "", "issues": []';

describe('a file that cannot be understood is refused with its place, and left as it was', () => {
  test.each([
    ['', 'PATH:1:1: the file is empty'],
    ['{\n  "tasks": [\n    { "id": "a" "description": "x" }\n  ]\n}', 'PATH:3:17: a comma is expected here'],
    ['{\n  "tasks": [],\n}', 'PATH:3:1: a property name in double quotes is expected here'],
    ['{ "tasks": [', 'PATH:1:13: a closing ] is expected here'],
    ['{ // mine\n  "tasks": [] }', 'PATH:1:3: JSON has no comments'],
    ['{ "tasks": [] }\n{ "tasks": [] }', 'PATH:2:1: the file should end here'],
    ['{ "tasks": ["cut', 'PATH:1:13: this string does not end'],
    ['[]', 'PATH:1:1: this must be an object, not []'],
    ['{ "version": 1 }', 'PATH:1:1: "tasks" is missing here'],
    ['{ "tasks": {} }', 'PATH:1:12: this must be a list, not {}'],
    ['{ "tasks": [], "revision": -1 }', 'PATH:1:28: this must be a whole number from 0, not -1'],
    [
      '{ "tasks": [],\n "version": 2 }',
      'PATH:2:13: the file is of version 2, which a newer orch wrote; update orch',
    ],
    [
      '{ "tasks": [],\n "nextId": 1000000000001 }',
      'PATH:2:12: this must be a whole number from 1 to 1000000000000, not 1000000000001',
    ],
    ['{ "tasks": [], "version": "1" }', 'PATH:1:27: this must be version 1, not "1"'],
  ])('%j', async (content, message) => {
    expect(await refusal(content)).toContain(`${message};`);
  });

  test.each([
    ['7', '5:5: this must be an object, not 7'],
    ['{ "description": "x" }', '5:5: "id" is missing here'],
    ['{ "id": "a" }', '5:5: "description" is missing here'],
    ['{ "id": "a b", "description": "x" }', '5:13: an id has 1 to 64 letters'],
    ['{ "id": "a", "description": 1 }', '5:33: this must be a string, not 1'],
    ['{ "id": "a", "description": "x", "status": "done" }', '5:48: this must be one of pending, in_progress'],
    [
      '{ "id": "a", "description": "x", "attempts": 1.5 }',
      '5:50: this must be a whole number from 0, not 1.5',
    ],
    [
      '{ "id": "a", "description": "x", "max_attempts": 0 }',
      '5:5: this must be a whole number from 1, not 0',
    ],
    ['{ "id": "a", "description": "x", "notBefore": "tomorrow" }', '5:51: this must be a time in ISO 8601'],
    ['{ "id": "a", "description": "x", "after": ["t", 3] }', '5:53: this must be a string, not 3'],
    ['{ "id": "a", "description": "x", "metadata": [] }', '5:50: this must be an object, not []'],
    ['{ "id": "a", "description": "x", "priority": 1e999 }', '5:50: this must be a finite number'],
    ['{ "id": "a", "description": "x", "verified": "yes" }', '5:50: this must be true or false'],
    ['{ "id": "a", "description": "x", "confidence": 2 }', '5:52: this must be a number from 0 to 1, not 2'],
    ['{ "id": "a", "description": "x", "best": 0 }', '5:46: this must be a whole number from 1, not 0'],
    [
      `{ "id": "a", "description": "x", "history": [{ ${BEGUN}, "judge": "m" }] }`,
      'this must be an object, not "m"',
    ],
    [
      `{ "id": "a", "description": "x", "history": [{ ${BEGUN}, "evidence": [{ ${REJECTED} }] }] }`,
      '"verifier" is missing here',
    ],
    [
      `{ "id": "a", "description": "x", "history": [{ ${BEGUN}, "verdict": { ${REJECTED}, "unsure": 1 } }] }`,
      'this must be true or false, not 1',
    ],
    ['{ "id": "a", "description": "x", "seal": {} }', '"check" is missing here'],
    ['{ "id": "a", "description": "x", "lease": {} }', '5:47: "taskId" is missing here'],
    ['{ "id": "a", "description": "x", "history": [{ "number": 1 }] }', '5:50: "run" is missing here'],
  ])('a task such as %s', async (task, message) => {
    expect(await refusal(fileWith(task))).toContain(message);
  });

  test('a merge that was not resolved', async () => {
    const message = await refusal(readFileSync(join(FIXTURES, 'merge-conflict.json')));
    expect(message).toContain('PATH:8:1: a merge conflict is not resolved here;');
  });

  test('an id that is there twice, both lines named', async () => {
    const message = await refusal(readFileSync(join(FIXTURES, 'duplicate-ids.json')));
    expect(message).toContain('PATH:13:13: the id task-001 is here a second time; the first is in line 5;');
  });

  test('what is not UTF-8', async () => {
    expect(await refusal(Buffer.from('{ "tasks": [] } \xff', 'latin1'))).toContain(
      'PATH:1:1: the file is not UTF-8 text;',
    );
  });

  test('nesting too deep for the parser that knows positions', async () => {
    expect(await refusal('['.repeat(200_000))).toContain('PATH:1:1: this is not JSON');
  });
});

test('a file as the lab wrote it loads', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  copyFileSync(join(FIXTURES, 'lab-tasks.json'), path);
  const written = new Date('2025-03-04T05:06:07.000Z');
  utimesSync(path, written, written);
  const store = await JsonTaskStore.open(path);
  const [first, second, third, fourth] = await listed(store);
  expect(first).toEqual({
    id: 'task-001',
    description: 'Write a haiku about orchestration',
    status: 'completed',
    result: 'Batons rise and fall\nmany hands, a single score \u2014\nsilence keeps the time',
    attempts: 1,
    maxAttempts: 3,
    metadata: {},
    priority: 0,
    createdAt: '2025-03-04T05:06:07.000Z',
    history: [],
  });
  expect(second).not.toHaveProperty('result');
  expect(third).toMatchObject({ status: 'failed', attempts: 3, metadata: { source: 'd\u00e9mo' } });
  expect(fourth).toMatchObject({ status: 'pending', maxAttempts: 5 });

  await store.join(runInfo('a'));
  const claim = await claimOne(store, 'a');
  expect(claim.task).toMatchObject({ id: 'task-002', crashes: 1, attempts: 1 });
  await store.settle(claim.lease, done('a conductor'));
  expect((await store.add([{ description: 'more' }]))[0]?.id).toBe('task-005');
  expect(await store.get('task-001')).toEqual(first);
  await store.close();
  const file = JSON.parse(readFileSync(path, 'utf8'));
  expect(file).toMatchObject({ version: 1, revision: expect.any(Number), nextId: 6 });
  expect(file.tasks[0]).not.toHaveProperty('max_attempts');
});

test('a file by hand needs an id and a description for each task', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  writeFileSync(
    path,
    '{ "tasks": [ { "id": "task-041", "description": "x", "status": null, "result": null } ] }',
  );
  const store = await JsonTaskStore.open(path);
  expect(await listed(store)).toMatchObject([
    { id: 'task-041', status: 'pending', attempts: 0, history: [] },
  ]);
  expect((await store.add([{ description: 'next' }]))[0]?.id).toBe('task-042');
  await store.close();
});

test('a byte order mark is accepted', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  writeFileSync(path, '\uFEFF{ "tasks": [ { "id": "a", "description": "x" } ] }');
  const store = await JsonTaskStore.open(path);
  expect(await idsOf(store)).toEqual(['a']);
  await store.add([{ description: 'y' }]);
  await store.close();
  expect(readFileSync(path, 'utf8')[0]).toBe('{');
});

test('fields that are none of ours are kept', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const task = '{ "id": "a", "description": "x", "owner": { "name": null }, "__proto__": 7 }';
  writeFileSync(path, `{ "note": "mine", "tasks": [ ${task} ] }`);
  const store = await JsonTaskStore.open(path);
  await store.join(runInfo('a'));
  const { lease } = await claimOne(store, 'a');
  await store.settle(lease, done('ok'));
  await store.close();
  const file = JSON.parse(readFileSync(path, 'utf8'));
  expect(file.note).toBe('mine');
  expect(file.tasks[0]).toMatchObject({ status: 'completed', owner: { name: null } });
  expect(Object.getOwnPropertyDescriptor(file.tasks[0], '__proto__')?.value).toBe(7);
});
