import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type FaultServer, startFaultServer } from './fault-server.ts';

/** A key that is obviously none, and that no text may hold. */
export const TEST_KEY = 'sk-ant-test-0000';

/** What the SDK reads beside the key; a developer's own must not reach a test. */
const OTHER_VARIABLES = [
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
  'ANTHROPIC_FEDERATION_RULE_ID',
  'ANTHROPIC_IDENTITY_TOKEN',
  'ANTHROPIC_IDENTITY_TOKEN_FILE',
  'ANTHROPIC_LOG',
  'ANTHROPIC_ORGANIZATION_ID',
  'ANTHROPIC_PROFILE',
  'NODE_USE_ENV_PROXY',
  'NODE_OPTIONS',
  'XDG_CONFIG_HOME',
];

/** For each test: the test key, no profile, and nothing else of the machine's own set-up. */
export function useClaudeEnvironment(): void {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'orch-home-'));
  });
  beforeEach(() => {
    for (const name of OTHER_VARIABLES) vi.stubEnv(name, undefined);
    vi.stubEnv('HOME', home);
    vi.stubEnv('ANTHROPIC_CONFIG_DIR', home);
    vi.stubEnv('ANTHROPIC_API_KEY', TEST_KEY);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
}

/** A fault server for each test, with ANTHROPIC_BASE_URL set to it. */
export function useFaultServer(): () => FaultServer {
  let server: FaultServer;
  useClaudeEnvironment();
  beforeEach(async () => {
    server = await startFaultServer();
    vi.stubEnv('ANTHROPIC_BASE_URL', server.url);
  });
  afterEach(() => server.close());
  return () => server;
}
