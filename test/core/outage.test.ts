import { expect, test } from 'vitest';
import { Outage } from '../../src/core/outage.ts';

const busy = { kind: 'transient', message: 'overloaded' } as const;

function outageAt(start: number) {
  let now = start;
  const outage = new Outage(600_000, { now: () => now });
  return {
    outage,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('failures for less than the limit are passing ones', () => {
  const { outage, pass } = outageAt(0);
  expect(outage.failed(busy)).toBeUndefined();
  pass(599_999);
  expect(outage.failed(busy)).toBeUndefined();
});

test('without one good answer for the limit, the service is unavailable', () => {
  const { outage, pass } = outageAt(0);
  outage.failed(busy);
  pass(600_000);
  expect(outage.failed(busy)).toEqual({ kind: 'unavailable', message: 'overloaded' });
});

test('one good answer starts the time anew', () => {
  const { outage, pass } = outageAt(0);
  outage.failed(busy);
  pass(500_000);
  outage.recovered();
  outage.failed(busy);
  pass(500_000);
  expect(outage.failed(busy)).toBeUndefined();
});

test('a wait longer than the limit is an outage at once, and says until when', () => {
  const { outage } = outageAt(Date.UTC(2026, 10, 22));
  const capped = { kind: 'transient', message: 'spend cap', retryAfterMs: 9 * 86_400_000 } as const;
  expect(outage.failed(capped)).toEqual({
    kind: 'unavailable',
    message: 'spend cap',
    resumeAt: '2026-12-01T00:00:00.000Z',
  });
  const resumeAt = '2026-12-01T06:30:00.000Z';
  expect(outage.failed({ ...capped, resumeAt })).toMatchObject({ resumeAt });
  expect(outage.failed({ ...capped, retryAfterMs: Infinity })).toEqual({
    kind: 'unavailable',
    message: 'spend cap',
  });
});
