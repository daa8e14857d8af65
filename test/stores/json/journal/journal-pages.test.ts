import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { inspectStore } from '../../../../src/stores/json/doctor/doctor.ts';
import { JsonTaskStore } from '../../../../src/stores/json/json-task-store.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { idsOf } from '../../../support/store-parts.ts';

/** What a disk writes at once. */
const PAGE = 512;

async function opened(path: string): Promise<JsonTaskStore> {
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  return store;
}

/** A store with a busy journal: what lies in it when a sync begins, and what that sync has to write. */
async function duringSync() {
  const path = join(scratchFolder(), 'tasks.json');
  const journal = `${path}.journal`;
  const store = await opened(path);
  for (let i = 0; i < 40; i++) await store.add([{ id: `kept-${i}`, description: 'x' }]);
  const before = textEnd(journal);
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => store.add([{ id: `new-${i}`, description: 'y'.repeat(100) }])),
  );
  return { path, journal, before, after: readFileSync(journal), end: textEnd(journal) };
}

function textEnd(path: string): number {
  return readFileSync(path, 'latin1').replace(/\0+$/, '').length;
}

test('a power cut may keep any of the pages that were being synced: what was acknowledged before is there, and work goes on', async () => {
  const { path, journal, before, after, end } = await duringSync();
  const pages = Math.ceil(end / PAGE) - Math.floor(before / PAGE);
  expect(pages).toBeGreaterThan(7);
  const snapshot = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { minLength: pages, maxLength: pages }),
      fc.boolean(),
      async (isKept, isBlind) => {
        const bytes = Buffer.from(after);
        for (const [i, kept] of isKept.entries()) {
          const page = (Math.floor(before / PAGE) + i) * PAGE;
          if (!kept) bytes.fill(0, Math.max(page, before), Math.min(page + PAGE, end));
        }
        writeFileSync(journal, bytes);
        expect((await inspectStore(path)).filter(({ ok }) => !ok)).toEqual([]);
        // Not closed: that would fold the journal, and the next case needs this snapshot.
        const store = await JsonTaskStore.open(path);
        if (!isBlind) expect((await idsOf(store)).slice(0, 40)).toHaveLength(40);
        const [added] = await store.add([{ description: 'z' }]);
        const ids = await idsOf(await opened(path));
        expect(ids.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, i) => `kept-${i}`));
        // Of those that nobody was told of, the first ones may be there, whole.
        expect(ids.slice(40, -1)).toEqual(ids.slice(40, -1).map((_, i) => `new-${i}`));
        expect(ids.at(-1)).toBe(added?.id);
        expect(readFileSync(journal, 'utf8').replace(/\0+$/, '')).not.toContain('\0');
        expect(readFileSync(path)).toEqual(snapshot);
      },
    ),
    { numRuns: 60 },
  );
});

test('a page that was on the disk and is gone is no power cut: it is said, and nothing is cut off', async () => {
  const { path, journal, before, after } = await duringSync();
  const bytes = Buffer.from(after);
  bytes.fill(0, before - PAGE, before - PAGE + 200);
  writeFileSync(journal, bytes);
  const store = await opened(path);
  await expect(store.counts()).rejects.toThrow(/is broken at byte \d+/);
  await expect(store.cancel(['kept-1'])).rejects.toThrow(/is broken at byte \d+/);
  expect(readFileSync(journal)).toEqual(bytes);
});

test('what was acknowledged to one who added without reading is not cut off with what was missing before it', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const journal = `${path}.journal`;
  const first = await opened(path);
  await first.add([{ description: 'small' }]);
  const from = textEnd(journal);
  await first.add([{ description: 'x'.repeat(10_000) }]);
  // Farther from the end than anybody looks who adds one.
  await first.add(Array.from({ length: 1_500 }, () => ({ description: 'x'.repeat(1_000) })));
  const bytes = readFileSync(journal);
  // The last of those adds was lost but for its end, so that nobody else tells of more.
  writeFileSync(journal, bytes.fill(0, from, from + 11_000));
  const blind = await opened(path);
  await blind.add([{ description: 'acknowledged' }]);
  const reader = await opened(path);
  await expect(reader.counts()).rejects.toThrow(`is broken at byte ${from}`);
  expect(readFileSync(journal, 'utf8')).toContain('acknowledged');
});

test('a new journal is told nothing of how far the old one was synced', async () => {
  const path = join(scratchFolder(), 'tasks.json');
  const store = await opened(path);
  await store.add(Array.from({ length: 50 }, () => ({ description: 'x'.repeat(100) })));
  await store.counts();
  await store.cancel(['task-001']);
  const dying = await JsonTaskStore.open(path, {
    faultHook: (point) => {
      if (point === 'after-snapshot-rename') throw new Error('died');
    },
  });
  await expect(dying.fold()).rejects.toThrow('died');
  await store.cancel(['task-002']);
  const lines = readFileSync(`${path}.journal`, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).not.toContain('synced');
});
