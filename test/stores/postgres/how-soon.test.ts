import { describe, expect, test } from 'vitest';
import { Pace } from '../../../src/stores/postgres/batch/pace.ts';
import { howSoon } from '../../../src/stores/postgres/telling/how-soon.ts';
import type { Message, Word } from '../../../src/stores/postgres/telling/message.ts';
import { messageOf, payloadOf } from '../../../src/stores/postgres/telling/message.ts';
import { Wants } from '../../../src/stores/postgres/telling/wants.ts';

const NOTHING = { heldByOthers: 0 };

/** Of one run. @param only what it found nothing of; `undefined`: it has work. */
function wantsOf(unmet: 'anything' | string[] | undefined): Wants {
  const wants = new Wants(() => ['r']);
  const only = Array.isArray(unmet) ? new Set(unmet) : undefined;
  if (unmet) wants.answered({ run: 'r', leaseMs: 30_000, ...(only && { only }) }, NOTHING);
  return wants;
}

/** `now`, `soon`: within 1.25 s; `late`: not so soon again. */
function heeded(message: Message, wants: Wants): 'now' | 'soon' | 'late' | 'never' {
  const soon = howSoon(message, wants);
  if (!soon) return 'never';
  if (soon.restMs > 1000) return 'late';
  expect(soon.afterMs).toBeLessThanOrEqual(1250);
  return soon.afterMs > 0 ? 'soon' : 'now';
}

describe('how soon a message is heeded', () => {
  test.each<[Word, string[] | undefined, string, string, string, string]>([
    // word, tasks; by a run that has work, that has nothing to do, that waits for `a` alone, by those who look on
    ['runnable', ['a', 'b'], 'now', 'now', 'now', 'now'],
    ['runnable', ['b'], 'now', 'now', 'never', 'now'],
    ['runnable', undefined, 'now', 'now', 'now', 'now'],
    ['spoken-for', ['a'], 'now', 'late', 'now', 'now'],
    ['spoken-for', ['b'], 'now', 'late', 'never', 'now'],
    ['settled', ['a'], 'soon', 'late', 'soon', 'soon'],
    ['settled', ['b'], 'soon', 'late', 'late', 'soon'],
    ['settled', undefined, 'soon', 'late', 'soon', 'soon'],
    ['ended', undefined, 'soon', 'soon', 'soon', 'soon'],
    ['money', undefined, 'soon', 'late', 'late', 'soon'],
    ['runs', undefined, 'now', 'now', 'now', 'now'],
    ['control', undefined, 'now', 'now', 'now', 'now'],
    ['schema', undefined, 'now', 'now', 'now', 'now'],
  ])('%s %j', (word, tasks, busy, idle, choosy, onlooker) => {
    const message = { word, ...(tasks && { tasks }) };
    const all = [wantsOf(undefined), wantsOf('anything'), wantsOf(['a']), new Wants(() => [])].map((wants) =>
      heeded(message, wants),
    );
    expect(all).toEqual([busy, idle, choosy, onlooker]);
    expect(messageOf(payloadOf(message))).toEqual(message);
  });

  test('that there is money again, by one whose call found no room, until one that wanted as much has found some', () => {
    const wants = wantsOf('anything');
    wants.reserved(2, false);
    wants.reserved(1, false);
    expect(heeded({ word: 'money' }, wants)).toBe('soon');
    wants.reserved(1, true);
    expect(heeded({ word: 'money' }, wants)).toBe('soon');
    wants.reserved(2, true);
    expect(heeded({ word: 'money' }, wants)).toBe('late');
  });

  test('a word that a newer orch may have', () => {
    expect(heeded({ word: 'another' as Word }, wantsOf('anything'))).toBe('now');
  });
});

test('a run that has left, or is about to end, takes nothing any more', () => {
  for (const end of [(wants: Wants) => wants.left('r'), (wants: Wants) => wants.forget()]) {
    const wants = wantsOf('anything');
    expect(wants.takes('a')).toBe(true);
    end(wants);
    expect(wants.takes('a')).toBe(false);
    expect(wants.isIdle).toBe(false);
  }
});

test('the same is asked again only where this process has changed nothing since', () => {
  const wants = new Wants(() => ['r']);
  const request = { run: 'r', leaseMs: 30_000 };
  expect(wants.isAskedAgain(request)).toBe(false);
  wants.answered(request, NOTHING);
  expect(wants.isAskedAgain({ ...request })).toBe(true);
  expect(wants.isAskedAgain({ ...request, only: new Set(['a']) })).toBe(false);
  expect(wants.isAskedAgain({ ...request, except: new Set(['a']) })).toBe(false);
  wants.changed();
  expect(wants.isAskedAgain(request)).toBe(false);
});

test('what is done now and then is soon due again where a failover has put the clock back', () => {
  const pace = new Pace();
  expect(pace.isDue(7_200_000)).toBe(true);
  pace.done(7_200_000);
  expect([7_200_500, 7_201_000, 3_600_000].map((now) => pace.isDue(now))).toEqual([false, true, true]);
});
