import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isOrchError } from '../../../src/model/errors.ts';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { PgDatabase } from '../../../src/stores/postgres/connection/pg-database.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { Cli, type Result } from '../../support/cli.ts';
import { OwnPostgresServer } from '../../support/postgres-server.ts';

/** Has what a URL has to write otherwise. */
const PASSWORD = 'Pä%s@s:/w?r#d';

let folder: string;
let files: Certificates;
/** Takes connections with TLS alone as `tls`, without alone as `plain`, and any as `either`. */
let secure: OwnPostgresServer;
/** Has no TLS. */
let bare: OwnPostgresServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orch-certificates-'));
  files = makeCertificates(folder);
  secure = await OwnPostgresServer.startOwn({
    // Not yet what PostgreSQL 13 does by itself.
    settings: ['ssl=on', 'ssl_ca_file=ca.crt', 'password_encryption=scram-sha-256'],
    files: { 'server.crt': files.cert, 'server.key': files.key, 'ca.crt': files.ca },
    hba: [
      'hostssl all holder all cert',
      'hostssl all tls all scram-sha-256',
      'hostnossl all plain all scram-sha-256',
      'host all tls,plain all reject',
    ],
  });
  for (const user of ['tls', 'plain', 'either', 'holder']) {
    await secure.sql(`CREATE ROLE ${user} SUPERUSER LOGIN PASSWORD '${PASSWORD}'`);
  }
  bare = await OwnPostgresServer.startOwn();
});

afterAll(async () => {
  await Promise.all([secure?.stop(), bare?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Place {
  server?: OwnPostgresServer;
  user?: string;
  password?: string;
  host?: string;
  parameters?: Record<string, string>;
}

function storeAt({ server = secure, user, password, host, parameters = {} }: Place): string {
  const { url } = server;
  if (user !== undefined) url.username = user;
  if (user !== undefined) url.password = encodeURIComponent(PASSWORD);
  if (password !== undefined) url.password = password;
  if (host !== undefined) url.hostname = host;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Connects. @returns what went wrong */
async function refusal(place: Place): Promise<{ code: string; message: string } | undefined> {
  try {
    await (await PgDatabase.connect(postgresLocation(storeAt(place)))).close();
    return undefined;
  } catch (error) {
    if (!isOrchError(error)) throw error;
    const { code, message } = error;
    return { code, message };
  }
}

/** The same by the command line, which creates the store. */
async function use(place: Place, env: Record<string, string> = {}): Promise<Result> {
  return new Cli().run(['--store', storeAt(place), 'add', '--id', 'one', 'x'], { env });
}

const DONE = { code: 0, stdout: 'one\n', stderr: '' };

function unusable(reason: RegExp) {
  return { code: 'store-unusable', message: expect.stringMatching(reason) };
}

describe('sslmode means what it means to libpq', () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  beforeAll(() => void process.on('warning', onWarning));
  afterAll(() => {
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['disable', 'plain'],
    ['allow', 'plain'],
    ['allow', 'tls'],
    ['prefer', 'tls'],
    ['prefer', 'plain'],
    ['require', 'tls'],
    [undefined, 'tls'],
    [undefined, 'plain'],
  ])('%s, to a server that wants it %s', async (sslmode, user) => {
    expect(await refusal({ user, parameters: sslmode ? { sslmode } : {} })).toBeUndefined();
  });

  test.each([
    ['disable', 'tls', /no encryption|SSL off/],
    ['require', 'plain', /SSL encryption|SSL on/],
  ])('%s is refused by a server that wants it %s', async (sslmode, user, reason) => {
    expect(await refusal({ user, parameters: { sslmode } })).toEqual(unusable(reason));
  });

  test.each(['prefer', 'disable', 'allow', undefined])(
    '%s does without, where there is no TLS',
    async (sslmode) => {
      expect(await refusal({ server: bare, parameters: sslmode ? { sslmode } : {} })).toBeUndefined();
    },
  );

  test('require does not', async () => {
    const reason = /the server has no TLS; allow that with sslmode=prefer/;
    expect(await refusal({ server: bare, parameters: { sslmode: 'require' } })).toEqual(unusable(reason));
  });

  const UNTRUSTED = /its certificate is not to be trusted: .*; see sslmode and sslrootcert/;

  test.each(['require', 'verify-ca'])(
    '%s, with a root: who signed it matters, the name does not',
    async (sslmode) => {
      const withRoot = (sslrootcert: string) =>
        refusal({ user: 'either', parameters: { sslmode, sslrootcert } });
      expect(await withRoot(files.ca)).toBeUndefined();
      expect(await withRoot(files.otherCa)).toEqual(unusable(UNTRUSTED));
    },
  );

  test('verify-ca needs a root', async () => {
    const refused = await refusal({ user: 'either', parameters: { sslmode: 'verify-ca' } });
    expect(refused).toEqual({ code: 'usage', message: expect.stringMatching(/^sslmode=verify-ca needs /) });
  });

  test('a root that cannot be read is a mistake', async () => {
    const parameters = { sslmode: 'verify-ca', sslrootcert: join(folder, 'none.crt') };
    expect(await refusal({ user: 'either', parameters })).toEqual({
      code: 'usage',
      message: expect.stringMatching(/^Cannot read the file of sslrootcert: .*none\.crt/),
    });
  });

  test('verify-full wants the name too', async () => {
    const parameters = { sslmode: 'verify-full', sslrootcert: files.ca };
    expect(await refusal({ user: 'either', host: 'localhost', parameters })).toBeUndefined();
    expect(await refusal({ user: 'either', host: '127.0.0.1', parameters })).toEqual(unusable(UNTRUSTED));
  });

  test('sslrootcert=system: the authorities of the machine and of Node, and nothing less than verify-full', async () => {
    const parameters = { sslrootcert: 'system' };
    expect(await refusal({ user: 'either', host: 'localhost', parameters })).toEqual(unusable(UNTRUSTED));
    // Read once a process; elsewhere the machine's are in no file.
    const env = { [process.platform === 'linux' ? 'SSL_CERT_FILE' : 'NODE_EXTRA_CA_CERTS']: files.ca };
    expect(await use({ user: 'either', host: 'localhost', parameters }, env)).toEqual(DONE);
    const named = await use({ user: 'either', host: '127.0.0.1', parameters }, env);
    expect(named).toMatchObject({ code: 4, stderr: expect.stringMatching(UNTRUSTED) });
    for (const sslmode of ['disable', 'prefer', 'require', 'verify-ca']) {
      expect(await refusal({ user: 'either', parameters: { ...parameters, sslmode } })).toEqual({
        code: 'usage',
        message: `sslrootcert=system goes with sslmode=verify-full alone, got ${sslmode}; leave sslmode out`,
      });
    }
  });

  test('verify-full without a root trusts those that Node knows, not any', async () => {
    const refused = await refusal({
      user: 'either',
      host: 'localhost',
      parameters: { sslmode: 'verify-full' },
    });
    expect(refused).toEqual(unusable(UNTRUSTED));
  });

  test('the environment counts where the URL is silent', async () => {
    vi.stubEnv('PGSSLMODE', 'verify-full');
    vi.stubEnv('PGSSLROOTCERT', files.ca);
    expect(await refusal({ user: 'either', host: 'localhost' })).toBeUndefined();
    expect(await refusal({ user: 'either', host: '127.0.0.1' })).toEqual(unusable(UNTRUSTED));
  });

  test('another word is a mistake', async () => {
    expect(await refusal({ user: 'either', parameters: { sslmode: 'no-verify' } })).toEqual({
      code: 'usage',
      message:
        'Expected sslmode to be one of disable, allow, prefer, require, verify-ca, verify-full, got "no-verify"',
    });
  });
});

describe('a certificate of the client', () => {
  const as = (parameters: Record<string, string>): Place => ({
    user: 'holder',
    password: '',
    host: 'localhost',
    parameters: { sslmode: 'verify-full', sslrootcert: files.ca, ...parameters },
  });

  test('is shown to the server, and stands for a password', async () => {
    const { cert, key } = files.client;
    expect(await use(as({ sslcert: cert, sslkey: key }))).toEqual(DONE);
    const env = { PGSSLCERT: cert, PGSSLKEY: key };
    expect(await use(as({}), env)).toEqual(DONE);
    const prefer = { user: 'holder', password: '', parameters: { sslcert: cert, sslkey: key } };
    expect(await refusal(prefer)).toBeUndefined();
  });

  test('is looked for in ~/.postgresql, where libpq has it', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('home/.postgresql'));
    cli.write('home/.postgresql/postgresql.crt', readFileSync(files.client.cert));
    cli.write('home/.postgresql/postgresql.key', readFileSync(files.client.key));
    cli.write('home/.postgresql/root.crt', readFileSync(files.ca));
    const { user, password, host } = as({});
    const store = storeAt({ user, password, host, parameters: { sslmode: 'verify-full' } } as Place);
    expect(await cli.run(['--store', store, 'status'])).toMatchObject({ code: 0, stderr: '' });
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'none',
      () => ({}),
      /the server wants a certificate; name its file and that of its key with sslcert and sslkey$/,
    ],
    [
      'one that its authority did not sign',
      () => ({ sslcert: files.otherClient.cert, sslkey: files.otherClient.key }),
      /the server does not take the certificate of sslcert: .*unknown ca/,
    ],
    [
      'one of another user',
      () => ({ sslcert: files.cert, sslkey: files.key }),
      /certificate authentication failed for user "holder"; see that /,
    ],
  ])('%s is refused in a sentence', async (_, parameters, reason) => {
    expect(await refusal(as(parameters()))).toEqual(unusable(reason));
  });

  test.each<[string, () => Record<string, string>, string]>([
    [
      'a key of another one',
      () => ({ sslcert: files.client.cert, sslkey: files.otherClient.key }),
      'key values mismatch',
    ],
    ['a file that is none', () => ({ sslcert: files.client.key, sslkey: files.client.key }), 'no start line'],
  ])('%s is a mistake', async (_, parameters, why) => {
    expect(await refusal(as(parameters()))).toEqual({
      code: 'usage',
      message: `The files of sslcert and sslkey cannot be used: ${why}`,
    });
  });

  test.each([
    ['sslcert', () => ({ sslcert: files.client.cert }), 'sslkey'],
    ['sslkey', () => ({ sslkey: files.client.key }), 'sslcert'],
  ])('%s alone is a mistake', async (given, parameters, missing) => {
    expect(await refusal(as(parameters()))).toEqual({
      code: 'usage',
      message: `${given} has a file, and ${missing} has none; name both`,
    });
  });
});

describe('a password', () => {
  /** With what a person sees of errors, hints and events. @returns all of it */
  async function seen(place: Place, env: Record<string, string> = {}): Promise<string> {
    const cli = new Cli();
    const parts: string[] = [];
    for (const json of [[], ['--json']]) {
      for (const args of [
        ['add', 'x', '--after', 'nothing'],
        ['run', '--exec', 'false', '--max-attempts', '1'],
        ['status'],
        ['show', 'nothing'],
        ['pause'],
      ]) {
        const store = ['--store', storeAt(place)];
        const { stdout, stderr } = await cli.run([...store, ...json, ...args], {
          env: { ORCH_DEBUG: '1', ...env },
        });
        parts.push(stdout, stderr);
      }
    }
    return parts.join('\n');
  }

  const isShown = /P%C3%A4|P%c3|Pä|w\?r#d|secret-of/;

  test('from the URL is never shown', async () => {
    await use({ user: 'either' });
    const text = await seen({ user: 'either' });
    expect(text).not.toMatch(isShown);
    // What is shown can be used again.
    expect(text).toContain(`postgres://either@127.0.0.1:${secure.url.port}/postgres`);
  }, 60_000);

  test('may stand in the URL as it is, where that is still a URL', async () => {
    await secure.sql("CREATE ROLE raw SUPERUSER LOGIN PASSWORD 'r%w:p@ss'");
    const store = `postgres://raw:r%w:p@ss@127.0.0.1:${secure.url.port}/postgres`;
    const { code, stderr } = await new Cli().run(['--store', store, 'status']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const wrong = store.replace('p@ss', 'p@sS');
    const refused = await new Cli().run(['--store', wrong, 'status'], { env: { ORCH_DEBUG: '1' } });
    expect(refused.code).toBe(4);
    expect(refused.stderr).not.toMatch(/r%w|r%25w|p@sS|p%40sS/);
  });

  test('may come from PGPASSWORD', async () => {
    expect(await use({ user: 'either', password: '' }, { PGPASSWORD: PASSWORD })).toEqual(DONE);
    const { code, stderr } = await use(
      { user: 'either', password: '' },
      { PGPASSWORD: 'another-one', ORCH_DEBUG: '1' },
    );
    expect(code).toBe(4);
    expect(stderr).not.toContain('another-one');
  });

  test('may come from a password file, without a warning of the driver', async () => {
    const file = join(folder, 'pgpass');
    const escaped = PASSWORD.replaceAll(/[\\:]/g, '\\$&');
    writeFileSync(file, `127.0.0.1:${secure.url.port}:*:either:${escaped}\n`);
    chmodSync(file, 0o600);
    expect(await use({ user: 'either', password: '' }, { PGPASSFILE: file })).toEqual(DONE);
    chmodSync(file, 0o644);
    const { code, stderr } = await use({ user: 'either', password: '' }, { PGPASSFILE: file });
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /^Cannot use the database .*: it wants a password for either, and there is none \(password file .* permissions should be u=rw \(0600\) or less\); put one into PGPASSWORD or ~\/\.pgpass\n$/,
      ),
    });
  });
});
