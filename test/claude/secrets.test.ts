import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secrets } from '../../src/claude/secrets.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orch-secrets-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
});

function put(path: string, content: unknown): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const secrets = (env: NodeJS.ProcessEnv, apiKey?: string) =>
  new Secrets({ ANTHROPIC_CONFIG_DIR: dir, ...env }, apiKey);
const headers = (text: string) => secrets({ ANTHROPIC_CUSTOM_HEADERS: text });

describe('credentials are known', () => {
  test('from each variable, and from the option', () => {
    const env = {
      ANTHROPIC_API_KEY: 'sk-ant-test-0000',
      ANTHROPIC_AUTH_TOKEN: ' token-0001 ',
      ANTHROPIC_IDENTITY_TOKEN: 'identity',
      ANTHROPIC_WEBHOOK_SIGNING_KEY: 'whsec-0001',
    };
    expect(secrets(env, 'gateway/key+of==ours').keys().toSorted()).toEqual([
      'gateway/key+of==ours',
      'identity',
      'sk-ant-test-0000',
      'token-0001',
      'whsec-0001',
    ]);
  });

  test.each<[string, NodeJS.ProcessEnv, string, unknown]>([
    ['active', {}, 'default', { authentication: { type: 'user_oauth' } }],
    ['named', { ANTHROPIC_PROFILE: 'work' }, 'work', { authentication: { type: 'user_oauth' } }],
    ['broken', {}, 'default', '{'],
  ])('from the tokens of the profile that is %s', (_, env, name, profile) => {
    put(`configs/${name}.json`, profile);
    put(`credentials/${name}.json`, { access_token: 'access-0000', refresh_token: 'refresh-0000' });
    expect(secrets(env).keys()).toEqual(['access-0000', 'refresh-0000']);
  });

  test('from tokens that the profile keeps elsewhere, and from its identity', () => {
    const authentication = {
      type: 'oidc_federation',
      credentials_path: put('elsewhere.json', { access_token: 'access-0000' }),
      identity_token: { source: 'file', path: put('identity', 'identity-0000\n') },
    };
    put('configs/default.json', { authentication });
    expect(secrets({}).keys()).toEqual(['access-0000', 'identity-0000']);
  });

  test('from the file of an identity', () => {
    const file = put('identity', 'identity-0000\n');
    expect(secrets({ ANTHROPIC_IDENTITY_TOKEN_FILE: file }).keys()).toEqual(['identity-0000']);
  });

  test('from files that are odd, none, or not there, without a word', () => {
    put('configs/default.json', { authentication: { credentials_path: 7, identity_token: 'x' } });
    put('credentials/default.json', { access_token: 7 });
    expect(secrets({ ANTHROPIC_IDENTITY_TOKEN_FILE: '/no/such/file' }).keys()).toEqual([]);
  });

  test('as they are when they are asked for; the old ones are not forgotten', () => {
    put('configs/default.json', { authentication: { type: 'user_oauth' } });
    const env: NodeJS.ProcessEnv = { ANTHROPIC_CONFIG_DIR: dir };
    const known = new Secrets(env);
    expect(known.keys()).toEqual([]);
    put('credentials/default.json', { access_token: 'access-0000' });
    expect(known.keys()).toEqual(['access-0000']);
    put('credentials/default.json', { access_token: 'access-0001' });
    env.ANTHROPIC_API_KEY = 'key-00000';
    expect(known.keys().toSorted()).toEqual(['access-0000', 'access-0001', 'key-00000']);
  });

  test.each([
    ['Authorization: Bearer gateway-0000', ['Bearer gateway-0000', 'gateway-0000']],
    ['Authorization: Basic dXNlcjpodW50ZXIy==', ['dXNlcjpodW50ZXIy==', 'dXNlcjpodW50ZXIy']],
    ['x-api-key: gateway-0000', ['gateway-0000']],
    ['CF-Access-Client-Secret: 0123456789', ['0123456789']],
    ['Cookie: session=abc123def456; theme=dark', ['abc123def456']],
    ['Authorization: Digest response="0123456789"', ['0123456789']],
  ])('from a header that holds one: %s', (text, expected) => {
    expect(headers(text).keys()).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ['the scheme', 'Authorization: AWS4-HMAC-SHA256 0123456789', 'AWS4-HMAC-SHA256'],
    ['a name', 'Cookie: session_name=abc123def456', 'session_name'],
    ['what is short', 'Cookie: theme=dark', 'dark'],
  ])('without %s', (_, text, word) => {
    expect(headers(text).keys()).not.toContain(word);
  });

  test('also where a header repeats one', () => {
    const env = { ANTHROPIC_API_KEY: 'key-0000', ANTHROPIC_CUSTOM_HEADERS: 'X-Team: key-0000' };
    expect(secrets(env).keys()).toEqual(['key-0000']);
  });
});

describe('other headers', () => {
  test('may be plain words, and stay in what somebody works with', () => {
    expect(headers('X-Team: password@host').keys()).toEqual([]);
  });

  test.each([
    ['a value, whatever its header is called', 'X-Team: gate-1234', ['gate-1234']],
    ['no short value', 'X-Team: blue\nX-None', []],
    ['its long parts too', 'X-Team: session=abc123def456; theme=dark', ['abc123def456']],
  ])('stand in no message: %s', (_, text, expected) => {
    const all = headers(text).all();
    expect(all).toEqual(expect.arrayContaining(expected));
    for (const secret of all) expect(secret.length).toBeGreaterThanOrEqual(8);
  });
});

test('what is blank or short is no credential', () => {
  const short = secrets({ ANTHROPIC_API_KEY: ' ', ANTHROPIC_AUTH_TOKEN: 'abc' }, 'abcd');
  expect([short.keys(), short.all()]).toEqual([[], ['abcd']]);
});

test.each([
  ['X-Author: engineering-team-7', []],
  ['Cf-Access-Authenticated-User-Email: somebody@example.com', []],
  ['X-Monkey: banana-0000', []],
  ['X-Team-Token: engineering', []],
  ['X-Team-Token: eng1neering', ['eng1neering']],
  ['Cf-Access-Client-Secret: 0123abcd', ['0123abcd']],
  ['X-ApiKey: 0123abcd', ['0123abcd']],
])('a header is taken for a credential by the words of its name, a plain word never: %s', (header, keys) => {
  expect(headers(header).keys()).toEqual(keys);
});
