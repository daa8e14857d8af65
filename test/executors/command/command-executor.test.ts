import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  CommandExecutor,
  type CommandExecutorOptions,
} from '../../../src/executors/command/command-executor.ts';
import { created } from '../../../src/model/transitions.ts';
import type { Previous } from '../../../src/ports/executor.ts';
import { asItIs } from '../../../src/process/redact.ts';
import { Lifeline, scratchFolder, stopTimers } from '../../process/lifeline.ts';

const taskOf = (description: string) => created({ description }, 'task-001', '2026-01-01T00:00:00.000Z');
const never = new AbortController().signal;

function execute(
  command: string,
  {
    description = 'do it',
    attempt = 1,
    previous,
    signal = never,
    ...options
  }: Partial<CommandExecutorOptions> & {
    description?: string;
    attempt?: number;
    previous?: Previous;
    signal?: AbortSignal;
  } = {},
) {
  const executor = new CommandExecutor({ command, ...options });
  return executor.execute(taskOf(description), { attempt, signal, ...(previous && { previous }) });
}

describe('the description', () => {
  test('of 5 MB arrives on stdin and in a file', async () => {
    const description = 'x'.repeat(5_000_000);
    expect(
      await execute('cmp - "$ORCH_TASK_FILE" && wc -c < "$ORCH_TASK_FILE" | tr -d " "', { description }),
    ).toEqual({
      success: true,
      output: '5000000\n',
      metadata: { exitStatus: 0 },
    });
  });

  test('is data, whatever is in it', async () => {
    const cwd = scratchFolder();
    const description = '$(touch broken) `touch broken`; touch broken "\' \0 \\';
    expect(await execute('cat', { description, cwd })).toMatchObject({ output: description });
    expect(existsSync(join(cwd, 'broken'))).toBe(false);
  });

  test('is run as a script by a shell as the command', async () => {
    expect(await execute('sh', { description: 'echo $((6 * 7))' })).toMatchObject({ output: '42\n' });
  });
});

/** Variables that leave no room for another 32 KiB: found by trying, since the limit is each system's own. */
function almostTooMuch(): Record<string, string> {
  const filled: Record<string, string> = {};
  const fits = (name: string, value: string) =>
    spawnSync('/bin/sh', ['-c', ':'], { env: { ...process.env, ...filled, [name]: value } }).error ===
    undefined;
  for (let i = 0, size = 100_000; size > 30_000; i++) {
    const value = 'x'.repeat(size);
    if (fits(`FILL_${i}`, value)) filled[`FILL_${i}`] = value;
    else size -= 20_000;
  }
  return filled;
}

describe('the environment', () => {
  const show = 'echo "$ORCH_TASK_ID $ORCH_ATTEMPT"; env | grep -E "^ORCH_(FEEDBACK|PREVIOUS|RESULT)" | sort';

  test('of the first attempt says nothing of a previous one, though an outer orch does', async () => {
    for (const name of ['FEEDBACK', 'FEEDBACK_FILE', 'PREVIOUS_RESULT_FILE', 'RESULT_FILE']) {
      vi.stubEnv(`ORCH_${name}`, 'outer');
    }
    expect(await execute(`${show}; true`)).toMatchObject({ output: 'task-001 1\n' });
  });

  test('of a later attempt has feedback, issues that it does not name, and the previous output', async () => {
    const previous = { output: 'old\n', feedback: 'too short; no title', issues: ['no title', 'no end'] };
    const command = `${show} | cut -d= -f1; cat "$ORCH_PREVIOUS_RESULT_FILE" "$ORCH_FEEDBACK_FILE"; echo; echo "$ORCH_FEEDBACK"`;
    const { output } = await execute(command, { attempt: 2, previous });
    const feedback = 'too short; no title\n- no end\n';
    const names = 'ORCH_FEEDBACK\nORCH_FEEDBACK_FILE\nORCH_PREVIOUS_RESULT_FILE\n';
    expect(output).toBe(`task-001 2\n${names}old\n${feedback}${feedback}`);
  });

  test('has no file of a previous output where there was none', async () => {
    const previous = { feedback: 'exited with 3', issues: [] };
    const { output } = await execute('env | grep -c ORCH_PREVIOUS', { attempt: 2, previous });
    expect(output).toBe('0\n');
  });

  test('takes feedback of any length and content: bounded in the variable, whole in the file', async () => {
    const feedback = `a\0b${'€'.repeat(100_000)}`;
    const command = 'printf %s "$ORCH_FEEDBACK" | wc -c | tr -d " "; cat "$ORCH_FEEDBACK_FILE"';
    const { output } = await execute(command, { previous: { feedback, issues: [] } });
    expect(output).toBe(`${2 + 3 * Math.floor((65536 - 2) / 3)}\n${feedback}`);
  });

  test('that is too big with the feedback goes without it, since the file has it', async () => {
    const feedback = 'x'.repeat(65_536);
    const command = 'echo "<$ORCH_FEEDBACK>"; cat "$ORCH_FEEDBACK_FILE"';
    const answer = execute(command, { previous: { feedback, issues: [] }, env: almostTooMuch() });
    expect(await answer).toMatchObject({ success: true, output: `<>\n${feedback}` });
  });

  test('has what the caller adds', async () => {
    expect(await execute('echo $FLAVOUR', { env: { FLAVOUR: 'plum' } })).toMatchObject({ output: 'plum\n' });
  });
});

describe('the temporary folder', () => {
  const command = 'dirname "$ORCH_TASK_FILE" >&2';

  test('is gone after success and after failure', async () => {
    for (const end of ['exit 0', 'exit 3', 'kill -KILL $$']) {
      const { metadata } = await execute(`${command}; ${end}`);
      const folder = String(metadata?.stderr).trim();
      expect(folder).toContain('/orch-');
      expect(existsSync(folder)).toBe(false);
    }
  });

  test('is gone after an abort, and the processes with it', async () => {
    const life = new Lifeline();
    const controller = new AbortController();
    const running = execute(`exec 3>${life.path}; echo "$ORCH_TASK_FILE" >&3; sleep 999 & wait`, {
      signal: controller.signal,
    });
    const file = (await life.line())!;
    expect(readFileSync(file, 'utf8')).toBe('do it');
    controller.abort();
    expect(await running).toMatchObject({ success: false });
    expect(existsSync(dirname(file))).toBe(false);
    expect(await life.line()).toBeUndefined();
  });

  test('that cannot be made is fatal, and says where to look', async () => {
    vi.stubEnv('TMPDIR', join(scratchFolder(), 'gone'));
    const message = expect.stringMatching(/TMPDIR.*ENOENT.*gone/);
    expect(await execute('cat')).toEqual({ success: false, error: { kind: 'fatal', message } });
  });
});

test('past its deadline it is a failed attempt with the output so far, and no process is left', async () => {
  stopTimers();
  const life = new Lifeline();
  const running = execute(
    `exec 3>${life.path}; echo so far; echo stuck >&2; echo ready >&3; sleep 999 & wait`,
  );
  expect(await life.line()).toBe('ready');
  vi.advanceTimersByTime(600_000);
  expect(await running).toEqual({
    success: false,
    error: { kind: 'failed', message: 'the command did not end within 600 s: stuck' },
    output: 'so far\n',
    metadata: { stderr: 'stuck\n' },
  });
  expect(await life.line()).toBeUndefined();
});

describe('the credentials of this process', () => {
  const leak = 'echo "$ANTHROPIC_API_KEY"; echo "$ANTHROPIC_API_KEY and Bearer abcdefgh" >&2; exit 1';

  test('are in nothing that is kept, from whenever it has them', async () => {
    const executor = new CommandExecutor({ command: leak });
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-test-0000');
    const result = await executor.execute(taskOf('do it'), { attempt: 1, signal: never });
    expect(result).toMatchObject({
      output: '[redacted]\n',
      metadata: { stderr: '[redacted] and [redacted]\n' },
    });
    expect(JSON.stringify(result)).not.toContain('0000');
  });

  test('stay where that is asked for', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-test-0000');
    expect(await execute(leak, { redact: asItIs, redactOutput: asItIs })).toMatchObject({
      output: 'sk-ant-test-0000\n',
      metadata: { stderr: 'sk-ant-test-0000 and Bearer abcdefgh\n' },
    });
  });

  test('alone are taken out of an output: what only looks like one stays', async () => {
    expect(await execute('echo "Bearer abcdefgh"')).toMatchObject({ output: 'Bearer abcdefgh\n' });
  });
});

test('secrets are taken out of what is told, and not out of the output', async () => {
  const redact = (text: string) => text.replaceAll('sk-ant-test-0000', '[key]');
  expect(await execute('echo sk-ant-test-0000; echo sk-ant-test-0000 >&2; exit 1', { redact })).toEqual({
    success: false,
    error: { kind: 'failed', message: 'the command exited with 1: [key]' },
    output: 'sk-ant-test-0000\n',
    metadata: { exitStatus: 1, stderr: '[key]\n' },
  });
});

test('a program that is not there is permanent for the task, a folder that is not there fatal', async () => {
  expect(await execute('orch-test-no-such-program')).toMatchObject({ error: { kind: 'permanent' } });
  const cwd = join(scratchFolder(), 'gone');
  const error = { kind: 'fatal', message: expect.stringContaining(`${cwd} is not a folder`) };
  expect(await execute('cat', { cwd })).toMatchObject({ error });
});

test('an empty command and a time-out that is none are refused', () => {
  expect(() => new CommandExecutor({ command: ' ' })).toThrow(
    'Expected command to say what to run, got nothing',
  );
  for (const timeoutMs of [0, -1, Number.NaN]) {
    expect(() => new CommandExecutor({ command: 'cat', timeoutMs })).toThrow(
      `Expected timeoutMs to be more than 0 milliseconds, got ${timeoutMs}`,
    );
  }
});
