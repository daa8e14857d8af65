import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { idsOf } from '../../../support/store-parts.ts';

const ROOM = 256 * 1024;

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  return store;
}

/** A store that many changes were made to, one by one, so that its journal has room for more. */
async function busyStore() {
  const path = join(scratchFolder(), 'tasks.json');
  const journal = `${path}.journal`;
  const store = await opened(path);
  for (let i = 0; i < 40; i++) await store.add([{ id: `own-${i}`, description: 'x' }]);
  return { path, journal, store };
}

/** Of a file that may end in zeros. */
function textOf(path: string): string {
  return readFileSync(path, 'utf8').replace(/\0+$/, '');
}

test('a busy journal grows into zeros, which are no part of it', async () => {
  const { path, journal, store } = await busyStore();
  expect(statSync(journal).size).toBeGreaterThan(ROOM);
  expect(textOf(journal)).toMatch(/^[^\0]+\n$/);
  const { size } = statSync(journal);
  await store.add([{ id: 'next', description: 'x' }]);
  expect(statSync(journal).size).toBe(size);

  const other = await opened(path);
  expect(await idsOf(other)).toHaveLength(41);
  expect(await other.add([{ description: 'x' }])).toMatchObject([{ id: 'task-001' }]);
  expect(await idsOf(store)).toHaveLength(42);
});

test('who adds without reading finds the end before the zeros', async () => {
  const { path, store } = await busyStore();
  const blind = await opened(path);
  expect(await blind.add([{ description: 'x' }])).toMatchObject([{ id: 'task-001' }]);
  expect((await idsOf(store)).at(-1)).toBe('task-001');
});

test('a command that makes a few changes leaves no room behind', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  for (let i = 0; i < 5; i++) await store.add([{ id: `own-${i}`, description: 'x' }]);
  expect(readFileSync(`${path}.journal`, 'utf8')).not.toContain('\0');
});

test('room that is left is given back when the journal is not folded', async () => {
  const { journal, store } = await busyStore();
  // Too large to be folded.
  await store.add([{ id: 'large', description: 'x'.repeat(5 * 1024 * 1024) }]);
  await store.add([{ id: 'last', description: 'x' }]);
  expect(statSync(journal).size).toBeGreaterThan(5 * 1024 * 1024);
  await store.close();
  const bytes = readFileSync(journal);
  expect(bytes.at(-1)).toBe('\n'.charCodeAt(0));
});

test('a change that was cut short in the room is cut off, whatever its length', async () => {
  const { path, journal, store } = await busyStore();
  const whole = textOf(journal);
  const { size } = statSync(journal);
  await store.add([{ id: 'torn', description: 'x'.repeat(500) }]);
  const torn = Buffer.from(textOf(journal)).subarray(0, whole.length + 300);
  writeFileSync(journal, Buffer.concat([torn, Buffer.alloc(size - torn.length)]));
  const next = await opened(path);
  expect(await idsOf(next)).toHaveLength(40);
  await next.add([{ id: 'short', description: 'y' }]);
  expect(textOf(journal)).toMatch(/^[^\0]+\n$/);
  expect((await idsOf(next)).at(-1)).toBe('short');
});

test('zeros in the middle are no room: what lies behind them is not passed over in silence', async () => {
  const { path, journal } = await busyStore();
  const bytes = readFileSync(journal);
  const lines = textOf(journal).split('\n');
  const from = lines.slice(0, 10).join('\n').length + 1;
  bytes.fill(0, from, from + (lines[10]?.length ?? 0) + 1);
  writeFileSync(journal, bytes);
  const next = await opened(path);
  await expect(next.counts()).rejects.toThrow(`is broken at byte ${from}`);
  truncateSync(journal, from);
  expect(await idsOf(await opened(path))).toHaveLength(9);
});
