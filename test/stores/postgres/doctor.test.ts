import { describe, expect, test } from 'vitest';
import type { Session } from '../../../src/stores/postgres/connection/database.ts';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { clock, connections, encryption, version } from '../../../src/stores/postgres/doctor/server.ts';

/** Gives these rows, one a statement; the last one again. */
function answers(...rows: object[]): Session {
  let at = 0;
  return { query: async <R extends object>() => [rows[Math.min(at++, rows.length - 1)] as R] };
}

const RIGHT = { text: '16.2', number: 160_002, standby: false, read_only: 'off' };

describe('the server', () => {
  test.each([
    [{ ...RIGHT, text: '12.9', number: 120_009 }, /^PostgreSQL 12\.9, and orch needs 13 or newer/],
    [{ ...RIGHT, standby: true }, /^this is a standby.*give the primary/],
    [{ ...RIGHT, read_only: 'on' }, /^changes are off/],
  ])('%j is a problem', async (row, text) => {
    expect(await version(answers(row))).toMatchObject({ ok: false, text: expect.stringMatching(text) });
  });

  test('another is well', async () => {
    expect(await version(answers(RIGHT))).toEqual({
      check: 'server',
      ok: true,
      text: 'PostgreSQL 16.2',
      facts: { version: '16.2' },
    });
  });
});

describe('the way there', () => {
  const at = (mode: string) => postgresLocation(`postgres://u@db.example/d?sslmode=${mode}`, {});
  const TLS = { ssl: true, version: 'TLSv1.3', local: false };
  const PLAIN = { ssl: false, version: null, local: false };

  test.each([
    [TLS, 'verify-full', { ok: true, text: 'TLSv1.3, and the server is who it says' }],
    [
      TLS,
      'require',
      {
        ok: true,
        isNote: true,
        text: expect.stringMatching(/nobody checks who the server is; add sslmode=verify-full/),
      },
    ],
    [
      PLAIN,
      'prefer',
      { ok: true, isNote: true, text: expect.stringMatching(/^not encrypted: .*; add sslmode=verify-full/) },
    ],
    [{ ...PLAIN, local: true }, 'prefer', { ok: true, text: 'not encrypted, and on this machine' }],
  ])('%j with %s', async (row, mode, found) => {
    const said = await encryption(answers(row), at(mode));
    expect(said).toMatchObject(found);
    expect(said.isNote).toBe('isNote' in found ? true : undefined);
  });
});

describe('the clock', () => {
  test.each([
    [90_000, /^this machine is 1m ?30s ahead of the database/],
    [-5000, /^this machine is 5s behind the database/],
  ])('%i ms apart', async (apart, text) => {
    const said = await clock(answers({ now: Date.now() - apart }));
    expect(said).toMatchObject({ ok: true, isNote: true, text: expect.stringMatching(text) });
  });

  test('less than two seconds are none', async () => {
    expect(await clock(answers({ now: Date.now() - 1000 }))).toMatchObject({
      ok: true,
      text: "as the database's",
    });
  });
});

test('connections: room is for so many runs of two; for none it is a problem', async () => {
  expect(await connections(answers({ used: 90, most: 100, reserved: 3 }))).toMatchObject({
    ok: true,
    text: '90 of 100 in use: room for 3 more runs',
    facts: { used: 90, left: 7, most: 100 },
  });
  expect(await connections(answers({ used: 96, most: 100, reserved: 3 }))).toMatchObject({
    ok: false,
    text: expect.stringMatching(/room for 0 more runs; raise max_connections/),
  });
});
