import { expect, test } from 'vitest';
import { postgresLocation, withParameters } from '../../../src/stores/postgres/connection/location.ts';

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
