import { describe, expect, test } from 'vitest';
import { isInteractive } from '../../../src/cli/terminal.ts';
import { Cli, HAS_SCRIPT, resultOf } from '../../support/cli.ts';

/** What services set in their jobs. */
const SERVICES: Record<string, Record<string, string>> = {
  any: { CI: 'true' },
  GitHub: { CI: 'true', GITHUB_ACTIONS: 'true' },
  GitLab: { CI: 'true', GITLAB_CI: 'true' },
  Buildkite: { CI: 'true', BUILDKITE: 'true' },
  Jenkins: { JENKINS_URL: 'http://ci.example.org/', BUILD_ID: '7' },
  Azure: { TF_BUILD: 'True' },
  TeamCity: { TEAMCITY_VERSION: '2030.1' },
};

describe.skipIf(!HAS_SCRIPT)('in a job that has a terminal, lines are plain', () => {
  test.each(Object.entries(SERVICES))('%s', async (_, variables) => {
    const cli = new Cli();
    await cli.run(['add', '-'], { input: 'echo one\nexit 1\n' });
    const assignments = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
    // What the terminal makes of line breaks is not ours.
    const terminal = cli.terminal(
      `stty -onlcr; export ${assignments.join(' ')}; orch run --exec sh --no-retry; orch status; orch list`,
    );
    const { stdout } = await resultOf(terminal);
    expect(stdout).toContain('✓ task-001  completed, unverified\n');
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\r');
  });
});

test('CI=false says that it is none, and half of what Jenkins sets says nothing', () => {
  const terminal = { isTTY: true };
  expect(isInteractive(terminal, { CI: 'false', GITHUB_ACTIONS: 'true' })).toBe(true);
  expect(isInteractive(terminal, { JENKINS_URL: 'http://ci.example.org/' })).toBe(true);
  for (const variables of Object.values(SERVICES)) expect(isInteractive(terminal, variables)).toBe(false);
});
