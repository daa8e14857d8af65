import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { examineJournal } from '../../../../src/stores/json/doctor/journal.ts';
import { BrokenLine } from '../../../../src/stores/json/journal/journal-damage.ts';
import { decodeLine } from '../../../../src/stores/json/journal/journal-line.ts';
import { isTableRecord, type JournalRecord } from '../../../../src/stores/json/journal/journal-record.ts';
import { scan } from '../../../../src/stores/json/journal/journal-scan.ts';
import { encodeLine } from '../../../../src/stores/json/journal/line-buffer.ts';
import { cutJournal } from '../../../../src/stores/json/repair/cut.ts';
import { scratchFolder } from '../../../support/store-folder.ts';
import { idsOf } from '../../../support/store-parts.ts';
import { addAndClose, idleStore, newPath, open, problems } from '../parts.ts';

const HEAD = encodeLine(
  '{"next":1,"op":"head","version":1,"revision":1,"snapshot":{"size":0,"mtimeMs":0,"ino":0,"crc":"00000000"}}',
  false,
);

/** Changes of one to three records each. */
const changes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 6 });

/** A place in the journal, as a share of its length. Not a double: most of those are next to nothing. */
const share = fc.integer({ min: 0, max: 9_999 }).map((at) => at / 10_000);

/** What happens to a journal's bytes. */
const damage = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: share }),
    fc.record({ kind: fc.constant('cut' as const), at: share }),
    fc.record({ kind: fc.constant('zeros' as const), at: share, length: fc.integer({ min: 1, max: 300 }) }),
    fc.record({
      kind: fc.constant('append' as const),
      text: fc.constantFrom('0', '\n', 'nothing\n', '\0\0'),
    }),
  ),
  { maxLength: 3 },
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function addLines(sizes: number[], firstId = 1): string {
  let id = firstId;
  const lines: string[] = [];
  for (const size of sizes) {
    for (let i = 1; i <= size; i++) {
      const task = { id: `task-${String(id).padStart(3, '0')}`, description: 'x' };
      const next = id + 1 + (size - i);
      const record = { next, op: 'add', at: '2026-01-01T00:00:00.000Z', task };
      lines.push(encodeLine(JSON.stringify(record), i < size));
      id++;
    }
  }
  return lines.join('');
}

function damaged(journal: Buffer, all: Damage): Buffer {
  let bytes = Buffer.from(journal);
  for (const each of all) {
    if (each.kind === 'append') bytes = Buffer.concat([bytes, Buffer.from(each.text)]);
    else if (each.kind === 'cut') bytes = bytes.subarray(0, Math.ceil(each.at * bytes.length));
    else if (each.kind === 'zeros') {
      const from = Math.floor(each.at * bytes.length);
      bytes.fill(0, from, Math.min(from + each.length, bytes.length));
    } else if (bytes.length > 0) bytes[Math.floor(each.at * bytes.length)]! ^= 1;
  }
  return bytes;
}

/** What whoever reads the journal makes of it. */
function asRead(path: string) {
  const fd = openSync(path, 'r');
  const seen: JournalRecord[] = [];
  try {
    const { end } = scan(fd, 0, true, (record) => seen.push(record));
    return { end, records: seen.filter(isTableRecord).length, next: seen.at(-1)?.next ?? 1 };
  } catch (error) {
    if (error instanceof BrokenLine) return { offset: error.offset };
    throw error;
  } finally {
    closeSync(fd);
  }
}

test('what is said of a journal is what its readers find', () => {
  const path = join(scratchFolder(), 'journal');
  fc.assert(
    fc.property(changes, damage, (sizes, all) => {
      writeFileSync(path, damaged(Buffer.from(HEAD + addLines(sizes)), all));
      const exam = examineJournal(path);
      if (!exam?.head) {
        expect(exam?.broken).toMatchObject({ offset: 0, line: 1 });
        return;
      }
      const { broken, end, records, next } = exam;
      expect(broken ? { offset: broken.offset } : { end, records, next }).toEqual(asRead(path));
    }),
    { numRuns: 1000 },
  );
});

test('there is nothing to be said of none', () => {
  expect(examineJournal(newPath())).toBeUndefined();
});

test('whatever happened to a journal, what is left after the cut is whole, and no id is given twice', async () => {
  await fc.assert(
    fc.asyncProperty(changes, damage, async (sizes, all) => {
      const path = await idleStore();
      const journal = `${path}.journal`;
      const whole = readFileSync(journal, 'utf8') + addLines(sizes, 3);
      const bytes = damaged(Buffer.from(whole), all);
      writeFileSync(journal, bytes);
      const cut = await cutJournal(path);
      if (cut) expect(readFileSync(cut.copy)).toEqual(bytes);
      else expect(readFileSync(journal)).toEqual(bytes);
      expect(await problems(path)).toEqual([]);
      const ids = await idsOf(await open(path));
      const [added = ''] = await addAndClose(path, 'new');
      expect(ids).not.toContain(added);
      expect(Number(added.slice('task-'.length))).toBeGreaterThanOrEqual(cut ? nextOf(bytes) : 3);
    }),
    { numRuns: 50 },
  );
});

/** The highest that any whole line says, wherever it stands. */
function nextOf(bytes: Buffer): number {
  const nexts = bytes
    .toString('latin1')
    .split('\n')
    .map((line) => decodeLine(Buffer.from(line, 'latin1')))
    .map((line) => (line ? JSON.parse(line.json).next : 1));
  return Math.max(...nexts);
}
