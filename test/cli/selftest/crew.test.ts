import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Crew, Halted } from '../../../src/cli/selftest/crew.ts';
import { scratchFolder } from '../../support/store-folder.ts';

function crewOf(signal = new AbortController().signal): Crew {
  const crew = new Crew(join(scratchFolder(), 'tasks.json'), signal);
  onTestFinished(() => crew.disband());
  return crew;
}

test('what does not happen ends in a sentence', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const waiting = crewOf().until('the moon to rise', () => false);
  const ended = expect(waiting).rejects.toMatchObject({
    violation: { rule: 'stuck', message: '120 s were not enough for the moon to rise' },
  });
  await vi.advanceTimersByTimeAsync(120_000);
  await ended;
});

test('a wait ends with the signal', async () => {
  const ending = new AbortController();
  const waiting = crewOf(ending.signal).until('the moon to rise', () => false);
  ending.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(crewOf(AbortSignal.abort(new Error('before'))).until('it', () => false)).rejects.toThrow(
    'before',
  );
});

test('what is so already is not waited for', async () => {
  await crewOf().until('nothing', () => true);
});

test('a worker does what it adds, tells it in order, and ends', async () => {
  const crew = crewOf();
  crew.hire({ adds: [1] });
  await crew.untilEnded();
  const kinds = crew.told.map(({ kind }) => kind).filter((kind) => kind !== 'synced');
  expect(kinds).toEqual(['added', 'claimed', 'begun', 'checkpointed', 'completed']);
  const syncsBefore = crew.told.slice(
    0,
    crew.told.findIndex(({ kind }) => kind === 'added'),
  );
  // The journal: it grows, while what is made is synced as a new file.
  expect(syncsBefore).toContainEqual(expect.objectContaining({ kind: 'synced', isNew: false }));
  expect(crew.told.map(({ at }) => at)).toEqual(crew.told.map(({ at }) => at).toSorted((a, b) => a - b));
});

test('one that stays works until it is dismissed', async () => {
  const crew = crewOf();
  crew.fill(1);
  expect(crew.working).toHaveLength(1);
  await crew.until(
    'all to be done',
    () => crew.told.filter(({ kind }) => kind === 'completed').length === 14,
  );
  expect(crew.working).toHaveLength(1);
  for (const worker of crew.working) worker.dismiss();
  await crew.untilEnded();
  expect(crew.size).toBe(1);
});

test('a worker that fails ends all waits, and what it said is told', async () => {
  const crew = crewOf();
  const [folder, nowhere] = [scratchFolder(), join('not', 'there', 'tasks.json')];
  crew.hire({ store: join(folder, nowhere) });
  await expect(crew.untilEnded()).rejects.toThrow(Halted);
  expect(crew.told).toContainEqual(
    expect.objectContaining({
      kind: 'trouble',
      worker: 1,
      message: expect.stringContaining('does not exist'),
    }),
  );
});

test('one that was to die is no failure', async () => {
  const crew = crewOf();
  const worker = crew.hire({ die: { at: 'half-append', pass: 1 } });
  await crew.untilEnded([worker]);
  expect(worker.wasKilled).toBe(true);
  expect(crew.told.map(({ kind }) => kind)).toContain('dying');
});
