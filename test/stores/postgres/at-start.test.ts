import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Cli } from '../../support/cli.ts';
import { LinkProxy } from '../../support/link-proxy.ts';
import { OwnPostgresServer } from '../../support/postgres-server.ts';

let server: OwnPostgresServer;

beforeAll(async () => {
  server = await OwnPostgresServer.startOwn({
    settings: ['max_connections=4', 'superuser_reserved_connections=1'],
  });
});

afterAll(() => server?.stop());

function at(parts: Partial<Pick<URL, 'username' | 'password' | 'port' | 'pathname' | 'search'>>): string {
  return Object.assign(server.url, parts).href;
}

/** The one sentence that `orch status` ends with, and its exit code. */
async function refusal(store: string, env: Record<string, string> = {}): Promise<string> {
  const { stderr, stdout, code } = await new Cli().run(['--store', store, 'status'], { env });
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain('secret-of-the-server');
  return `${code} ${stderr.trimEnd()}`;
}

/** Something else than a database that listens. @returns its port */
async function listener(onConnection: (socket: Socket) => void): Promise<string> {
  const other = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  return String((other.address() as { port: number }).port);
}

describe('a database that cannot be used at the start is one sentence, at once', () => {
  test('nothing listens there', async () => {
    expect(await refusal(at({ port: '1' }))).toMatch(
      /^4 Cannot use the database postgres:\/\/.*: nothing listens at 127\.0\.0\.1:1; see that the server runs there$/,
    );
  });

  test('a wrong password', async () => {
    expect(await refusal(at({ password: 'not-this-one' }))).toMatch(
      /^4 .*: the password for postgres is wrong; see the URL, PGPASSWORD and ~\/\.pgpass$/,
    );
  });

  test('no password', async () => {
    expect(await refusal(at({ password: '' }))).toMatch(
      /^4 .*: it wants a password for postgres, and there is none; put one into PGPASSWORD or ~\/\.pgpass$/,
    );
  });

  test('an unknown user', async () => {
    expect(await refusal(at({ username: 'nobody-of-that-name' }))).toMatch(/^4 .*nobody-of-that-name/);
  });

  test('an unknown database', async () => {
    expect(await refusal(at({ pathname: '/none' }))).toMatch(
      /^4 .*: there is no database none on this server; create it with `createdb none`$/,
    );
  });

  test.each([
    ['a web server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['one that hangs up', (socket: Socket) => socket.end()],
    ['one that begins to talk', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
  ])('no PostgreSQL server: %s', async (_, talk) => {
    const port = await listener((socket) => void socket.once('data', () => talk(socket)));
    for (const mode of ['prefer', 'disable']) {
      expect(await refusal(at({ port, search: `?sslmode=${mode}` }))).toMatch(
        /^4 .*: what answers at 127\.0\.0\.1:\d+ is no PostgreSQL server; see host and port$/,
      );
    }
  });

  test('a server that is too old', async () => {
    const proxy = await LinkProxy.before(server.url.href);
    const [{ server_version_num: real } = { server_version_num: '' }] = await server.sql<{
      server_version_num: string;
    }>('SHOW server_version_num');
    // Of the same length, so that the message stays one.
    proxy.answer = (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(real, '120022'), 'latin1');
    expect(await refusal(proxy.url)).toMatch(
      /^4 The server of postgres:.* is PostgreSQL 12, which is too old; orch needs 13 or later$/,
    );
  });

  test('too many connections', async () => {
    await server.sql('CREATE ROLE crowd LOGIN PASSWORD $$crowd$$');
    const crowd = at({ username: 'crowd', password: 'crowd' });
    const held = await Promise.all(Array.from({ length: 3 }, () => server.hold('SELECT 1', crowd)));
    const refused = await refusal(crowd);
    await Promise.all(held.map((release) => release()));
    expect(refused).toMatch(/^4 .*; end some connections, or raise max_connections$/);
  });

  test('a URL that a password breaks, which is not repeated', async () => {
    const { stderr, code } = await new Cli().run(['--store', 'postgres://u:p#w@localhost/x', 'status']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^Expected a URL like postgres:.*in a password, write %23 for #/),
    });
  });
});
