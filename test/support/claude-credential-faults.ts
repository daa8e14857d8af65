import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { FailureKind } from '../../src/model/failure.ts';
import { type Fault, fault } from './claude-faults.ts';
import { accessToken, hangUp, htmlPage, noToken, type Reply, redirect, tokenless } from './claude-replies.ts';
import { TEST_KEY } from './claude-setup.ts';
import type { FaultServer } from './fault-server.ts';

/** In one of these folders the SDK looks for its files; the key of the tests is not there. */
function withoutKey(dir: string, variables: Record<string, string> = {}): void {
  vi.stubEnv('ANTHROPIC_API_KEY', undefined);
  vi.stubEnv('ANTHROPIC_CONFIG_DIR', dir);
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

function put(file: string, content: unknown, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
}

const profile = (dir: string, content: unknown) => put(join(dir, 'configs/default.json'), content);
const OAUTH = { authentication: { type: 'user_oauth', client_id: 'client' } };
const tokens = (dir: string, content: unknown, mode?: number) =>
  put(join(dir, 'credentials/default.json'), content, mode);
const EXPIRED = { access_token: TEST_KEY, expires_at: 1, refresh_token: `refresh-${TEST_KEY}` };

const FEDERATION = { ANTHROPIC_FEDERATION_RULE_ID: 'rule', ANTHROPIC_ORGANIZATION_ID: 'organization' };
const exchange = (dir: string) => withoutKey(dir, { ...FEDERATION, ANTHROPIC_IDENTITY_TOKEN: TEST_KEY });
const refresh = (dir: string) => {
  withoutKey(dir);
  profile(dir, OAUTH);
  tokens(dir, EXPIRED);
};

const unusable = (name: string, prepare: (dir: string) => void): Fault =>
  fault(name, 'fatal', /no usable Claude credentials/, undefined, {
    calls: 0,
    prepare: (_, dir) => {
      withoutKey(dir);
      prepare(dir);
    },
  });

const profiled = (name: string, content: unknown): Fault => unusable(name, (dir) => profile(dir, content));
const token = (name: string, content: unknown, mode?: number): Fault =>
  unusable(name, (dir) => {
    profile(dir, OAUTH);
    if (content !== undefined) tokens(dir, content, mode);
  });
const identity = (name: string, content: string | undefined): Fault =>
  unusable(name, (dir) => {
    withoutKey(dir, { ...FEDERATION, ANTHROPIC_IDENTITY_TOKEN_FILE: join(dir, 'identity') });
    if (content !== undefined) put(join(dir, 'identity'), content);
  });

/** What the endpoint that gives access tokens may say, in whatever way they are asked for. */
const OF_THE_ENDPOINT: [name: string, kind: FailureKind, reply: Reply][] = [
  ['400', 'fatal', noToken(400)],
  ['401', 'fatal', noToken(401)],
  ['403', 'fatal', noToken(403)],
  ['404', 'fatal', noToken(404)],
  ['429', 'transient', noToken(429)],
  ['500', 'transient', noToken(500)],
  ['503', 'transient', noToken(503)],
  ['a hang-up', 'transient', hangUp()],
  ['a page of HTML', 'transient', htmlPage()],
  ['a way to somewhere else', 'transient', redirect()],
  ['no token', 'transient', tokenless()],
];

const ASKING: [how: string, prepare: (dir: string) => void][] = [
  ['an exchange of identities', exchange],
  ['a refresh', refresh],
];

const SAYS = { fatal: /no usable Claude credentials/, transient: /access tokens is not available/ };

/** The credentials cannot be had: each source that the SDK knows, and what can be wrong with it. */
export const CREDENTIAL_FAULTS: Fault[] = [
  unusable('no credentials at all', () => undefined),
  unusable('a blank key', () => vi.stubEnv('ANTHROPIC_API_KEY', ' ')),
  unusable('a profile that is missing', () => vi.stubEnv('ANTHROPIC_PROFILE', 'nobody')),
  unusable('a profile with a name that is none', () => vi.stubEnv('ANTHROPIC_PROFILE', '../x')),
  unusable('a profile that cannot be read', (dir) =>
    mkdirSync(join(dir, 'configs/default.json'), { recursive: true }),
  ),
  unusable('a choice of profile that cannot be read', (dir) => mkdirSync(join(dir, 'active_config'))),
  profiled('a profile that is no JSON', `{"${TEST_KEY}`),
  profiled('a profile without authentication', {}),
  profiled('a profile of an unknown type', { authentication: { type: 'magic' } }),
  profiled('a profile for federation without an identity', { authentication: { type: 'oidc_federation' } }),
  token('tokens that are missing', undefined),
  token('tokens that are no JSON', `{"access_token":"${TEST_KEY}`),
  token('tokens without a token', {}),
  token('tokens that others may read', { access_token: TEST_KEY }, 0o644),
  token('tokens that are too old', { access_token: TEST_KEY, expires_at: 1 }),
  identity('an identity that is missing', undefined),
  identity('an identity that is empty', '\n'),
  identity('an identity that is too long', 'x'.repeat(17 * 1024)),
  ...ASKING.flatMap(([how, prepare]) =>
    OF_THE_ENDPOINT.map(([name, kind, reply]) => {
      const wrong = (server: FaultServer, dir: string) => {
        prepare(dir);
        server.handleToken(reply);
      };
      const says = kind === 'fatal' ? SAYS.fatal : SAYS.transient;
      return fault(`${name} for ${how}`, kind, says, undefined, { calls: 0, prepare: wrong });
    }),
  ),
  fault(
    'fresh tokens that cannot be kept',
    'fatal',
    /no usable Claude credentials.*ENAMETOOLONG/,
    undefined,
    {
      calls: 0,
      prepare: (server, dir) => {
        withoutKey(dir);
        // The SDK writes a file of a longer name beside it first.
        const file = join(dir, 'x'.repeat(250));
        profile(dir, { authentication: { ...OAUTH.authentication, credentials_path: file } });
        put(file, EXPIRED);
        server.handleToken(accessToken('fresh'));
      },
    },
  ),
];
