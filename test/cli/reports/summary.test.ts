import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownSummary } from '../../../src/cli/reports/markdown-summary.ts';
import { markdownCode, markdownText } from '../../../src/cli/reports/markdown-text.ts';
import { WorkLog } from '../../../src/cli/reports/work-log.ts';
import { survey } from '../../../src/cli/survey.ts';
import type { RunStats } from '../../../src/model/event.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { Cli } from '../../support/cli.ts';
import { attributesOf } from '../../support/junit.ts';
import { makeTask } from '../../support/task.ts';

const meta = { at: '2030-01-01T00:00:00.000Z', run: 'run-1' };
const hint = (command: string) => `orch ${command}`;
const STATS: RunStats = {
  processed: 1,
  completed: 0,
  failed: 1,
  retried: 0,
  attempts: 1,
  elapsedSeconds: 65,
  successRate: 0,
};

/** The summary of a run in which tasks failed for these reasons. */
async function failedFor(reasons: string[], stats: Partial<RunStats> = {}): Promise<string> {
  const log = new WorkLog();
  reasons.forEach((message, i) => {
    const error = { kind: 'rejected', message } as const;
    const task = makeTask({ id: `task-${i}`, description: message, status: 'failed', attempts: 1, error });
    log.onEvent({ event: 'task:fail', ...meta, task, attempt: 1, error });
  });
  log.onEvent({ event: 'run:end', ...meta, stats: { ...STATS, ...stats } });
  return markdownSummary(log, { left: await survey(new MemoryTaskStore()), hint });
}

/** The rows of a GitHub table as its parser takes them apart: a backslash keeps the character after it. */
function cellsOf(line: string): string[] {
  const cells = line.match(/(?:\\.|[^|\\])*(?:\||$)/gs) ?? [];
  return cells.slice(1, -1).map((cell) => cell.replace(/\|$/, '').trim());
}

/** What a reader of Markdown sees of a text in which nothing is markup. */
const shown = (text: string): string =>
  text
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

describe('orch run --summary', () => {
  test('says what came of the run, what failed and why, what is blocked and what was mended', async () => {
    const cli = new Cli();
    await cli.run(['add', '-'], { input: 'echo fine\nexit 3\ntest $ORCH_ATTEMPT = 2\n' });
    await cli.add({ description: 'echo never', after: ['task-002'] });
    cli.write('s.md', 'from the last run');
    const run = await cli.here(['run', '--exec', 'sh', '--max-attempts', '2', '--summary', 's.md']);
    expect(run.code).toBe(1);
    expect(
      cli.read('s.md').replace(/, (under )?\d+s$/m, ', 1s'),
    ).toBe(`## ✗ orch: 1 failed, 1 blocked of 4 tasks

2 completed (2 unverified), 1 failed, 2 retried, success rate 66 %, 1s

### Failed

| task | what | attempts | why |
| --- | --- | --- | --- |
| task-002 | exit 3 | 2 | the command exited with 3 |

### Blocked for good

| task | what | why |
| --- | --- | --- |
| task-004 | echo never | blocked by task-002 (failed) |

### Mended

| task | what | attempts | what was wrong before |
| --- | --- | --- | --- |
| task-003 | test \\$ORCH\\_ATTEMPT = 2 | 2 | the command exited with 1 |

\`orch show task-002\` tells all of it; \`orch retry task-002\` gives it one more round in the next run.
`);
  });

  test('says why the run ended early, and what to do', async () => {
    const stopReason = {
      kind: 'unavailable',
      message: 'spend limit',
      resumeAt: '2030-02-01T00:00:00.000Z',
    } as const;
    expect(await failedFor([], { stopReason })).toContain(
      '**Ended early (unavailable):** spend limit; try again after 1 February 2030 at 00:00 UTC. What is done is kept',
    );
    const failed = { kind: 'failed', message: 'task-0 failed' } as const;
    expect(await failedFor(['no'], { stopReason: failed })).toContain(
      '**Ended early (failed):** task-0 failed. The others',
    );
  });

  test('is added to the summary of a step of GitHub Actions by itself, and not where that is switched off', async () => {
    const cli = new Cli();
    await cli.add('one');
    const env = { GITHUB_STEP_SUMMARY: cli.write('step.md', 'before\n') };
    await cli.run(['add', '--run', '--exec', 'cat', 'two'], { env });
    await cli.here(['run', '--exec', 'cat', '--no-summary'], { env });
    await cli.here(['run', '--exec', 'cat'], { env: { ...env, ORCH_NO_SUMMARY: '1' } });
    await cli.here(['run', '--exec', 'cat', '--summary', 'own.md'], { env });
    expect(cli.read('step.md')).toBe('before\n');
    expect(cli.read('own.md')).toBe('## ✓ orch: nothing to do\n\nNothing ran: all tasks are completed\n');
    await cli.here(['run', '--exec', 'cat'], { env });
    await cli.here(['run', '--exec', 'cat', '--summary', 'step.md'], { env });
    expect(cli.read('step.md')).toBe(`before\n${cli.read('own.md')}${cli.read('own.md')}`);
    // Where it is named for one task, it is added to likewise: by the one that does it, and by the same command again.
    const named = ['add', '--run', '--exec', 'cat', '--summary', './step.md', '--id', 'x', 'three'];
    for (const comes of ['1 completed', 'Nothing ran']) {
      const before = cli.read('step.md');
      expect((await cli.run(named, { env })).stdout).toBe('three');
      expect(cli.read('step.md').slice(before.length)).toMatch(new RegExp(`^## ✓ orch: .*\n\n${comes}`));
      expect(cli.read('step.md').startsWith(before)).toBe(true);
    }
  });

  test('is headed by what it did not come to, where that is all there is to say', async () => {
    const cli = new Cli();
    await cli.add('one', { description: 'two', after: ['task-001'] });
    await cli.here(['run', '--exec', 'cat', '--summary', 's.md', 'task-002']);
    expect(cli.read('s.md')).toMatch(/^## ✓ orch: 1 task not reached\n.*\n### Not reached\n\n1 task, left/s);
  });

  test('says of a rehearsal that it was one', async () => {
    const cli = new Cli();
    await cli.add('one');
    await cli.here(['run', '--simulate', '--summary', 's.md', '--junit', 'j.xml']);
    expect(cli.read('s.md')).toContain('\n\nSimulated, on a copy: the store stays as it is.\n');
    expect(attributesOf(cli.read('j.xml'), 'property')).toContainEqual({ name: 'simulated', value: 'true' });
  });

  test('what cannot be added there changes nothing', async () => {
    const cli = new Cli();
    await cli.add('one');
    const { stderr, code } = await cli.here(['run', '--exec', 'cat'], {
      env: { GITHUB_STEP_SUMMARY: 'no/such/folder' },
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^The summary could not be added to no\/such\/folder: [^\n]*; --no-summary leaves it out\n$/,
    );
    writeFileSync(cli.path('full.md'), 'x'.repeat((1 << 20) - 10));
    const full = await cli.here(['run', '--exec', 'cat'], { env: { GITHUB_STEP_SUMMARY: 'full.md' } });
    expect(full).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^The summary was left out: full.md would be/),
    });
    expect(cli.read('full.md')).toHaveLength((1 << 20) - 10);
  });

  test('--summary and --no-summary contradict each other within a source', async () => {
    const cli = new Cli();
    await cli.add('one');
    cli.write('orch.config.json', '{ "run": { "summary": "s.md", "noSummary": true } }');
    expect((await cli.here(['run', '--exec', 'cat'])).stderr).toContain('contradict each other');
    cli.write('orch.config.json', '{ "run": { "noSummary": true } }');
    expect((await cli.here(['run', '--exec', 'cat', '--summary', 's.md'])).code).toBe(0);
    expect(cli.read('s.md')).toContain('1 completed');
  });
});

describe('whatever the texts hold', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('|', '\\', '`', '*', '_', '<', '>', '&', '\n', '[', ']', '(', '$', '~', 'a', ' '),
    }),
  );

  test('a table keeps its cells, and each shows the text as it is', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const cell = markdownText(text, 300);
        expect(cellsOf(`| a | ${cell} | b |`)).toEqual(['a', cell.trim(), 'b']);
        expect(cell).not.toMatch(/[\n\r<>]|(?<!\\)(?:\\\\)*[`*_[\]~$|]/);
        expect(markdownText(shown(cell))).toBe(markdownText(text, 300));
      }),
      { numRuns: 2000, seed: 6 },
    );
  });

  test('what reads like an entity stays what it is', () => {
    expect(markdownText('a &lt; b')).toBe('a &amp;lt; b');
  });

  test('code ends where it is meant to', () => {
    expect(markdownCode('orch show task-001')).toBe('`orch show task-001`');
    expect(markdownCode("orch --store 'a``b`' run")).toBe("```orch --store 'a``b`' run```");
    expect(markdownCode('`a`')).toBe('`` `a` ``');
  });

  test('it is bounded', async () => {
    const summary = await failedFor(Array.from({ length: 5000 }, () => '<|`'.repeat(1_000)));
    expect(Buffer.byteLength(summary)).toBeLessThan(256 << 10);
    expect(summary).toContain('\n\nand 4,900 more\n');
    expect(summary).toMatch(/^## ✗ orch: 5,000 failed of 5,000 tasks\n/);
  });
});
