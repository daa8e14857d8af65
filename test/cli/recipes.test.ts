import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Cli } from '../support/cli.ts';

const RECIPES = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8');

/** The shell blocks under a heading; those before the first one stand under ''. */
function blocksUnder(heading: string): string[] {
  const sections = `## \n${RECIPES}`.split(/^## /m).slice(1);
  const section = sections.find((each) => each.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
}

/**
 * Programs of the same interface: what they take as arguments, and where they read the prompt. Each answers with two lines at first, and
 * with three when it is told that those were not accepted.
 */
const STAND_INS = {
  'claude -p': { program: 'claude', args: '-p', progress: '' },
  'codex exec': { program: 'codex', args: 'exec --skip-git-repo-check -', progress: 'thinking' },
  llm: { program: 'llm', args: '--no-log', progress: '' },
  'ollama run': { program: 'ollama', args: 'run llama3.2 --nowordwrap', progress: 'pulling manifest' },
};

function standIn(args: string, progress: string): string {
  return `#!/bin/sh
[ "$*" = "${args}" ] || { echo "unknown arguments: $*" >&2; exit 2; }
prompt=$(cat)
printf '%s\\n--\\n' "$prompt" >> prompts
echo "${progress}" >&2
printf 'one\\ntwo\\n'
case $prompt in *'was not accepted'*) echo three;; esac
`;
}

describe.each(Object.entries(STAND_INS))('the recipe for %s', (heading, { program, args, progress }) => {
  async function prepared(): Promise<{ cli: Cli; run: string; env: Record<string, string> }> {
    const cli = new Cli();
    const [script = '', add = ''] = blocksUnder('');
    const [run = ''] = blocksUnder(heading);
    cli.write('prompt.sh', script);
    mkdirSync(cli.path('bin'));
    chmodSync(cli.write(`bin/${program}`, standIn(args, progress)), 0o755);
    expect((await cli.sh(add)).stdout).toBe('task-001\n');
    return { cli, run, env: { PATH: `${cli.path('bin')}:${process.env.PATH}` } };
  }

  test('does a task, and tells the program what was wrong at first', async () => {
    const { cli, run, env } = await prepared();
    expect((await cli.sh(run, { env })).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([
      { status: 'completed', attempts: 2, result: 'one\ntwo\nthree\n' },
    ]);
    const task = 'Write a haiku about orchestration';
    expect(cli.read('prompts')).toBe(
      `${task}\n--\n${task}\n\nAn earlier attempt was not accepted. What was wrong with it:\ncheck exited with 1\n\nWhat it gave:\none\ntwo\n--\n`,
    );
  });

  test('says so where the program fails', async () => {
    const { cli, run, env } = await prepared();
    chmodSync(
      cli.write(`bin/${program}`, '#!/bin/sh\ncat > /dev/null; echo no quota left >&2; exit 1'),
      0o755,
    );
    expect((await cli.sh(run, { env })).code).toBe(1);
    const message = 'the command exited with 1: no quota left';
    expect(await cli.tasks()).toMatchObject([{ status: 'failed', attempts: 3, error: { message } }]);
  });
});

test('every recipe has a stand-in', () => {
  const headings = [...RECIPES.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(Object.keys(STAND_INS));
});
