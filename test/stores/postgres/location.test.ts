import { describe, expect, test } from 'vitest';
import { postgresLocation, withParameters } from '../../../src/stores/postgres/connection/location.ts';

/** Why a URL is refused. */
function refusal(store: string, env: NodeJS.ProcessEnv = {}): string {
  try {
    return JSON.stringify(postgresLocation(store, env));
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage' });
    return (error as Error).message;
  }
}

test('what stands in the URL is taken from it, and the rest from the environment', () => {
  const env = { PGHOST: 'from.env', PGPORT: '1', PGUSER: 'env', PGDATABASE: 'env' };
  expect(postgresLocation('postgres://u:p%40w@h:2/d?options=-c%20x%3D1&schema=s', env)).toMatchObject({
    ...{ host: 'h', port: 2, user: 'u', database: 'd', password: 'p@w', options: '-c x=1', schema: 's' },
    shown: 'postgres://u@h:2/d?schema=s',
  });
  expect(postgresLocation('postgres://', env)).toMatchObject({
    ...{ host: 'from.env', port: 1, user: 'env', database: 'env', schema: 'orch' },
  });
  expect(postgresLocation('postgres://u@[::1]/d', {})).toMatchObject({ host: '::1', port: 5432 });
  expect(postgresLocation('postgres://u:p@/d', env)).toMatchObject({
    host: 'from.env',
    shown: 'postgres://u@/d',
  });
  expect(postgresLocation('postgres://u@h:1/d?host=g&port=2', env)).toMatchObject({ host: 'g', port: 2 });
  expect(postgresLocation('postgres://u:p@h/d?user=v&password=q', env)).toMatchObject({
    ...{ user: 'v', password: 'q', shown: 'postgres://v@h/d' },
  });
  for (const socket of ['postgres://u@%2Frun%2FPg/d', 'postgres://u@/d?host=/run/Pg'])
    expect(postgresLocation(socket, { PGHOST: 'another' })).toMatchObject({
      host: '/run/Pg',
      user: 'u',
      database: 'd',
    });
});

describe('refused in a sentence, without what may be a password', () => {
  test.each([
    [
      'postgres://u:secret@h/d?sslmod=require',
      /^The URL of the store has the parameter "sslmod", .* sslmode,/,
    ],
    ['postgres://u:secret@h/d?service=x', /"service", which orch does not take; leave it out/],
    [
      'postgres://u:secret@h/d?ssl=no',
      /^Expected ssl to be true in the URL of the store, got "no"; use sslmode$/,
    ],
    ['postgres://u:secret@a,b/d', /^A store is on one host, and several are named; name the primary/],
    ['postgres://u:secret@a:1,b:2/d', /^A store is on one host/],
    ['postgres://u:secret@/d?host=a,b', /^A store is on one host/],
    ['postgres://u:secret@/d?port=x', /^Expected a port from 1 to 65535 for the store, got "x"$/],
    ['postgres://u:secret@h:0/d', /^Expected a port from 1 to 65535/],
    ['postgres://u:sec,ret/@h/d', /^Expected a URL like /],
  ])('%s', (store, words) => {
    expect(refusal(store)).toMatch(words);
    expect(refusal(store)).not.toMatch(/sec,?ret/);
  });

  test('so is what the environment says', () => {
    expect(refusal('postgres://', { PGHOST: 'a,b' })).toMatch(/^A store is on one host/);
    expect(refusal('postgres://h', { PGPORT: '5432x' })).toMatch(/^Expected a port .* got "5432x"$/);
  });
});

test('connections are called as the URL says, or PGAPPNAME, or orch', () => {
  const nameOf = (url: string, env = {}) => postgresLocation(url, env).applicationName;
  expect(nameOf('postgres://me@host/tasks')).toBe('orch');
  expect(nameOf('postgres://me@host/tasks', { PGAPPNAME: 'nightly' })).toBe('nightly');
  expect(nameOf('postgres://me@host/tasks?application_name=batch', { PGAPPNAME: 'nightly' })).toBe('batch');
});

test('with other parameters a URL leads to the same database, its password included', () => {
  const url = 'postgres://me:s%23cret@/tasks?host=/run/pg&sslmode=disable&schema=mine';
  const { shown: _, ...before } = postgresLocation(url, {});
  const { shown: __, ...after } = postgresLocation(withParameters(url, { schema: 'other' }), {});
  expect(after).toEqual({ ...before, schema: 'other' });
  expect(() => withParameters('postgres://me:a/b@host', { schema: 'x' })).toThrow(/^Expected a URL like/);
});
