import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCredentials } from '../../src/claude/credentials.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orch-credentials-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function put(path: string, content: unknown): void {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function putOAuthProfile(name: string, folder = ''): void {
  put(`${folder}configs/${name}.json`, { authentication: { type: 'user_oauth' } });
  put(`${folder}credentials/${name}.json`, { access_token: 'secret-token' });
}

const find = (env: NodeJS.ProcessEnv) => findCredentials({ ANTHROPIC_CONFIG_DIR: dir, ...env });
const FEDERATION = { ANTHROPIC_FEDERATION_RULE_ID: 'fdrl_1', ANTHROPIC_ORGANIZATION_ID: 'org' };

describe('credentials', () => {
  test('are absent when there are none', () => {
    expect(find({})).toBeUndefined();
    expect(findCredentials({})).toBeUndefined();
  });

  test('are taken in the order of the SDK', () => {
    putOAuthProfile('default');
    putOAuthProfile('work');
    const env: NodeJS.ProcessEnv = {
      ANTHROPIC_API_KEY: 'key-1',
      ANTHROPIC_AUTH_TOKEN: 'token-1',
      ANTHROPIC_PROFILE: 'work',
      ...FEDERATION,
      ANTHROPIC_IDENTITY_TOKEN: 'identity-1',
    };
    const found: (string | undefined)[] = [];
    const forget = [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      'ANTHROPIC_PROFILE',
      'ANTHROPIC_IDENTITY_TOKEN',
    ];
    for (const name of forget) {
      found.push(find(env)?.description);
      delete env[name];
    }
    found.push(find(env)?.description);
    expect(found).toEqual([
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      `profile work (${join(dir, 'configs/work.json')})`,
      'ANTHROPIC_FEDERATION_RULE_ID',
      `profile default (${join(dir, 'configs/default.json')})`,
    ]);
  });

  test.each([
    ['an Authorization', 'Authorization: Bearer x', 'ANTHROPIC_CUSTOM_HEADERS (Authorization)'],
    ['an x-api-key', 'X-Team: a\nx-api-key: x', 'ANTHROPIC_CUSTOM_HEADERS (x-api-key)'],
    ['no value', 'Authorization:', undefined],
    ['no credential', 'X-Team: a', undefined],
  ])('may be a header: %s', (_, headers, description) => {
    expect(find({ ANTHROPIC_CUSTOM_HEADERS: headers })?.description).toBe(description);
  });

  test('of which an Authorization is sent instead of a key, and an x-api-key beside it', () => {
    const of = (headers: string) => find({ ANTHROPIC_API_KEY: 'x', ANTHROPIC_CUSTOM_HEADERS: headers })?.kind;
    expect([of('authorization: Bearer x'), of('x-api-key: x')]).toEqual(['header', 'api-key']);
  });

  test('do not say the secret', () => {
    expect(JSON.stringify(find({ ANTHROPIC_API_KEY: 'sk-ant-test-0000' }))).not.toContain('sk-ant');
  });

  test('take a blank variable for unset', () => {
    expect(find({ ANTHROPIC_API_KEY: ' ', ANTHROPIC_AUTH_TOKEN: '' })).toBeUndefined();
  });

  test('follow the active profile', () => {
    putOAuthProfile('default');
    putOAuthProfile('work');
    put('active_config', 'work\n');
    expect(find({})).toMatchObject({ kind: 'profile', description: expect.stringContaining('profile work') });
  });

  test('do not fall back from a profile that the environment names and that is missing', () => {
    putOAuthProfile('default');
    expect(find({ ANTHROPIC_PROFILE: 'work' })).toBeUndefined();
  });

  test.each(['..', '../other', 'a b'])('do not follow a profile named "%s"', (name) => {
    const file = `configs/${name}.json`;
    put(file, { authentication: { type: 'user_oauth', credentials_path: join(dir, file) } });
    put('active_config', name);
    expect(find({})).toBeUndefined();
  });

  test('look into XDG_CONFIG_HOME, then into HOME', () => {
    putOAuthProfile('default', 'xdg/anthropic/');
    putOAuthProfile('default', 'home/.config/anthropic/');
    const home = { HOME: join(dir, 'home') };
    expect(findCredentials({ ...home, XDG_CONFIG_HOME: join(dir, 'xdg') })?.description).toContain('/xdg/');
    expect(findCredentials(home)?.description).toContain('/home/.config/');
  });

  test.each([
    ['that is no JSON', '{'],
    ['that is null', 'null'],
    ['without authentication', {}],
    ['of an unknown type', { authentication: { type: 'magic' } }],
    ['without its tokens', { authentication: { type: 'user_oauth' } }],
    ['for federation without an identity', { authentication: { type: 'oidc_federation' } }],
  ])('are absent with a profile %s', (_, content) => {
    put('configs/default.json', content);
    expect(find({})).toBeUndefined();
  });

  test('are there with a federation profile and an identity', () => {
    put('configs/default.json', { authentication: { type: 'oidc_federation' } });
    expect(find({ ANTHROPIC_IDENTITY_TOKEN_FILE: '/run/token' })?.kind).toBe('profile');
  });

  test('are there with a profile that keeps its tokens elsewhere', () => {
    put('elsewhere.json', {});
    const authentication = { type: 'user_oauth', credentials_path: join(dir, 'elsewhere.json') };
    put('configs/default.json', { authentication });
    expect(find({})?.kind).toBe('profile');
  });
});
