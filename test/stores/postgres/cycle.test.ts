import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { OrchError } from '../../../src/model/errors.ts';
import { type Batch, type BatchOutcome, Cycle } from '../../../src/stores/postgres/batch/cycle.ts';
import { Turns } from '../../../src/stores/postgres/batch/turns.ts';

const CLAIM = { run: 'r', leaseMs: 30_000 };
const NOTHING = { heldByOthers: 0 };
const POISON = new Error('invalid input');

function change(name: string) {
  return { needs: { tasks: [name] }, apply: () => name };
}

function outcomes({ changes, claims }: Batch): BatchOutcome {
  return {
    changes: changes.map(({ needs }) => ({ value: needs.tasks?.[0] })),
    claims: claims.map(() => ({ value: NOTHING })),
  };
}

test('one change that cannot be kept is told so, and the others are done', async () => {
  const cycle = new Cycle(new Turns(), async (batch) => {
    if (batch.changes.some(({ needs }) => needs.tasks?.includes('bad'))) throw POISON;
    return outcomes(batch);
  });
  const all = [
    cycle.change(change('a')),
    cycle.change(change('bad')),
    cycle.change(change('b')),
    cycle.claim(CLAIM),
  ];
  expect(await Promise.allSettled(all)).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: POISON },
    { status: 'fulfilled', value: 'b' },
    { status: 'fulfilled', value: NOTHING },
  ]);
});

test('claims that cannot be answered are told so, each of them', async () => {
  let commits = 0;
  const cycle = new Cycle(new Turns(), async (batch) => {
    if (++commits > 10) throw new OrchError('store-unusable', 'it goes on for ever');
    if (batch.claims.length > 0) throw POISON;
    return outcomes(batch);
  });
  const all = [cycle.change(change('a')), cycle.claim(CLAIM), cycle.claim(CLAIM)];
  expect(await Promise.allSettled(all)).toEqual([
    { status: 'fulfilled', value: 'a' },
    { status: 'rejected', reason: POISON },
    { status: 'rejected', reason: POISON },
  ]);
});

test('turns are over when those are that were asked for by another', async () => {
  const turns = new Turns();
  const done: string[] = [];
  void turns.take(async () => {
    done.push('first');
    void turns.take(async () => {
      await setImmediate();
      done.push('second');
    });
  });
  await turns.over();
  expect(done).toEqual(['first', 'second']);
});
