import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { credentialFiles } from '../../src/claude/credentials.ts';
import { print } from '../../src/cli/output.ts';
import { useClaudeEnvironment } from '../support/claude-setup.ts';

useClaudeEnvironment();

test('a token that is renewed while orch works is not shown, and its file is looked at once a second at most', () => {
  const dir = mkdtempSync(join(tmpdir(), 'orch-output-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'credentials'));
  const renew = (access_token: string): void =>
    writeFileSync(join(dir, 'credentials/default.json'), JSON.stringify({ access_token }));
  vi.stubEnv('ANTHROPIC_CONFIG_DIR', dir);
  expect(credentialFiles(process.env).tokens).toEqual([join(dir, 'credentials/default.json')]);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const clock = vi.spyOn(performance, 'now');
  const shownAt = (ms: number): unknown => {
    clock.mockReturnValue(ms);
    print('access-0000 access-0001');
    return write.mock.lastCall?.[0];
  };
  renew('access-0000');
  const start = performance.now() + 10_000;
  expect(shownAt(start)).toBe('[redacted] access-0001\n');
  renew('access-0001');
  expect(shownAt(start + 999)).toBe('[redacted] access-0001\n');
  expect(shownAt(start + 1_000)).toBe('[redacted] [redacted]\n');
});
