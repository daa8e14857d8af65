import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { created } from '../../../src/model/transitions.ts';
import { asItIs } from '../../../src/process/redact.ts';
import {
  CommandVerifier,
  type CommandVerifierOptions,
} from '../../../src/verifiers/command/command-verifier.ts';
import { sealOf } from '../../../src/verifiers/command/seal.ts';
import { Lifeline, scratchFolder, stopTimers } from '../../process/lifeline.ts';

const taskOf = (check?: string) =>
  created(
    { description: 'do it', ...(check !== undefined && { check }) },
    'task-001',
    '2026-01-01T00:00:00.000Z',
  );
const never = new AbortController().signal;

function verify(command: string, options: CommandVerifierOptions = {}, output = 'result\n', signal = never) {
  return new CommandVerifier({ command, ...options }).verify(taskOf(), { success: true, output }, { signal });
}

test.each(['HUP', 'INT', 'KILL', 'TERM'])(
  'what %s ended within a shell has rejected nothing',
  async (signal) => {
    const answer = await verify(`sh -c 'kill -${signal} $$'; exit $?`);
    expect(answer).toMatchObject({ inconclusive: true });
  },
);

test('what crashed within a shell rejects', async () => {
  expect(await verify(`sh -c 'kill -ABRT $$'; exit $?`)).toMatchObject({ passed: false });
});

describe('which command', () => {
  const byTask = new CommandVerifier();

  test('with one of its own, every task is checked by it', async () => {
    const verifier = new CommandVerifier({ command: 'exit 0' });
    expect(verifier.applies(taskOf())).toBe(true);
    const answer = await verifier.verify(taskOf('exit 1'), { success: true, output: '' }, { signal: never });
    expect(answer).toMatchObject({ passed: true });
  });

  test("without one, the task's own check decides", async () => {
    expect(byTask.applies(taskOf('exit 1'))).toBe(true);
    const answer = await byTask.verify(taskOf('exit 1'), { success: true, output: '' }, { signal: never });
    expect(answer).toMatchObject({ passed: false });
  });

  test('is told of the metadata and of earlier results as the executor is', async () => {
    const task = { ...taskOf(), after: ['a'], metadata: { answer: 2 } };
    const command = 'test "$(cat)" = "$ORCH_METADATA_ANSWER$(cat "$ORCH_AFTER_A_FILE")"';
    const answer = (output: string) =>
      new CommandVerifier({ command }).verify(
        task,
        { success: true, output },
        { signal: never, resultOf: async () => 'b' },
      );
    expect(await answer('2b')).toMatchObject({ passed: true });
    expect(await answer('2')).toMatchObject({ passed: false });
  });

  test('a task without a check, or with an empty one, is not passed', async () => {
    for (const task of [taskOf(), taskOf(' ')]) {
      expect(byTask.applies(task)).toBe(false);
      const answer = await byTask.verify(task, { success: true, output: '' }, { signal: never });
      expect(answer).toEqual({ inconclusive: true, reason: 'task task-001 has no check', isCheck: true });
    }
  });

  test('an empty command and a time-out that is none are refused', () => {
    expect(() => new CommandVerifier({ command: '' })).toThrow('Expected command');
    expect(() => new CommandVerifier({ timeoutMs: 0 })).toThrow('Expected timeoutMs');
  });
});

describe('a sealed check', () => {
  const execution = { success: true, output: '' } as const;

  test('is run while nothing has changed, and rejected with names once something has', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'a.txt'), 'a');
    writeFileSync(join(folder, 'b.txt'), 'b');
    const seal = await sealOf('exit 0', ['a.txt', 'b.txt'], folder);
    const verifier = new CommandVerifier({ sealFolder: folder });
    const judge = (check: string) =>
      verifier.verify({ ...taskOf(check), seal }, execution, { signal: never });
    expect(await judge('exit 0')).toMatchObject({ passed: true });
    writeFileSync(join(folder, 'a.txt'), 'A');
    rmSync(join(folder, 'b.txt'));
    const tampered = ['its check has changed', 'a.txt has changed', 'b.txt is missing or cannot be read'];
    expect(await judge('exit 0 # other')).toEqual({
      passed: false,
      confidence: 1,
      feedback: `tampered since the task was added: ${tampered.join('; ')}`,
      issues: tampered,
      tampered,
      isCheck: true,
    });
  });

  test.each([0, 1])(
    'that changes a file while it runs is a rejection of its own kind, whatever it says: %i',
    async (status) => {
      const folder = scratchFolder();
      writeFileSync(join(folder, 'a.txt'), 'a');
      const check = `echo other > '${folder}/a.txt'; echo said; exit ${status}`;
      const seal = await sealOf(check, ['a.txt'], folder);
      const verifier = new CommandVerifier({ sealFolder: folder });
      const answer = await verifier.verify({ ...taskOf(check), seal }, execution, { signal: never });
      const tampered = ['a.txt has changed'];
      expect(answer).toEqual({
        passed: false,
        confidence: 1,
        feedback: 'tampered while the check ran: a.txt has changed',
        issues: tampered,
        tampered,
        isCheck: true,
      });
    },
  );

  test.each(['__proto__', 'constructor'])('knows a file by any name: %s', async (name) => {
    const folder = scratchFolder();
    writeFileSync(join(folder, name), 'a');
    const seal = await sealOf('exit 0', [name], folder);
    writeFileSync(join(folder, name), 'b');
    // As it comes out of a store.
    const task = { ...taskOf('exit 0'), seal: JSON.parse(JSON.stringify(seal)) };
    const answer = await new CommandVerifier({ sealFolder: folder }).verify(task, execution, {
      signal: never,
    });
    expect(answer).toMatchObject({ passed: false, tampered: [`${name} has changed`] });
  });

  test('takes what is no regular file for missing, and waits for none', async () => {
    const folder = scratchFolder();
    execFileSync('mkfifo', [join(folder, 'a.txt')]);
    const seal = { ...(await sealOf('exit 0')), files: { 'a.txt': 'x', '/dev/zero': 'x' } };
    const answer = await new CommandVerifier({ sealFolder: folder }).verify(
      { ...taskOf('exit 0'), seal },
      execution,
      { signal: never },
    );
    expect(answer).toMatchObject({
      tampered: ['a.txt is missing or cannot be read', '/dev/zero is missing or cannot be read'],
    });
  });

  test('that nobody agreed to has no file read for it', async () => {
    const seal = { ...(await sealOf('exit 0')), files: { 'none.txt': 'x' } };
    const verifier = new CommandVerifier({ mayRun: async () => false });
    const answer = await verifier.verify({ ...taskOf('exit 0'), seal }, execution, { signal: never });
    expect(answer).toMatchObject({ error: { kind: 'permanent' } });
    const other = await verifier.verify({ ...taskOf('exit 1'), seal }, execution, { signal: never });
    expect(other).toMatchObject({ tampered: ['its check has changed'] });
  });

  test('that could not tell has not rejected, whatever changed meanwhile', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'a.txt'), 'a');
    const check = `rm '${folder}/a.txt'; exit 127`;
    const seal = await sealOf(check, ['a.txt'], folder);
    const verifier = new CommandVerifier({ sealFolder: folder });
    const answer = await verifier.verify({ ...taskOf(check), seal }, execution, { signal: never });
    expect(answer).toMatchObject({ inconclusive: true });
  });

  test('says nothing of a command that is for every task', async () => {
    const task = { ...taskOf('exit 1'), seal: await sealOf('another') };
    const answer = await new CommandVerifier({ command: 'exit 0' }).verify(task, execution, {
      signal: never,
    });
    expect(answer).toMatchObject({ passed: true });
  });

  test('that may not be run is not, and could not tell for good', async () => {
    const marker = join(scratchFolder(), 'ran');
    const verifier = new CommandVerifier({ mayRun: async () => false });
    const answer = await verifier.verify(taskOf(`touch '${marker}'`), execution, { signal: never });
    expect(answer).toMatchObject({ error: { kind: 'permanent' } });
    expect(existsSync(marker)).toBe(false);
  });
});

test('the check gets the result on stdin and in a file, the description in a file, and the id', async () => {
  const command =
    '[ "$(cat)" = "result" ] && cat "$ORCH_RESULT_FILE" "$ORCH_TASK_FILE"; echo " $ORCH_TASK_ID"; exit 1';
  expect(await verify(command)).toMatchObject({ feedback: 'result\ndo it task-001' });
});

test('a result of 5 MB that the check does not read is no failure', async () => {
  expect(await verify('exit 0', {}, 'x'.repeat(5_000_000))).toMatchObject({ passed: true });
});

test('the folder of its files is gone afterwards', async () => {
  const { feedback } = (await verify('echo "$ORCH_RESULT_FILE"; exit 1')) as { feedback: string };
  expect(feedback).toContain('/result');
  expect(existsSync(join(feedback, '..'))).toBe(false);
});

test('past its deadline it could not tell, and no process is left', async () => {
  stopTimers();
  const life = new Lifeline();
  const running = verify(`exec 3>${life.path}; echo ready >&3; sleep 999 & wait`);
  expect(await life.line()).toBe('ready');
  vi.advanceTimersByTime(120_000);
  expect(await running).toEqual({
    inconclusive: true,
    reason: 'the check did not end within 120 s',
    isCheck: true,
  });
  expect(await life.line()).toBeUndefined();
});

test('an abort ends the check', async () => {
  const life = new Lifeline();
  const controller = new AbortController();
  const running = verify(`exec 3>${life.path}; echo ready >&3; sleep 999`, {}, '', controller.signal);
  expect(await life.line()).toBe('ready');
  controller.abort();
  expect(await running).toMatchObject({ inconclusive: true });
  expect(await life.line()).toBeUndefined();
});

test('a check that cannot be run could not tell', async () => {
  const cwd = join(scratchFolder(), 'gone');
  const reason = `the check could not be started: the working directory ${cwd} is not a folder`;
  expect(await verify('exit 0', { cwd })).toEqual({ inconclusive: true, reason, isCheck: true });
  expect(await verify('orch-test-no-such-program')).toMatchObject({ inconclusive: true });
});

test('without a folder for its files no check can be made', async () => {
  vi.stubEnv('TMPDIR', join(scratchFolder(), 'gone'));
  const message = expect.stringMatching(/TMPDIR.*ENOENT/);
  expect(await verify('exit 0')).toEqual({ error: { kind: 'fatal', message }, isCheck: true });
});

test('secrets are taken out of the feedback', async () => {
  const redact = (text: string) => text.replaceAll('sk-ant-test-0000', '[key]');
  expect(await verify('echo "key sk-ant-test-0000 refused" >&2; exit 1', { redact })).toMatchObject({
    feedback: 'key [key] refused',
    issues: ['key [key] refused'],
  });
});

describe('the credentials of this process', () => {
  const leak = 'echo "no: $ANTHROPIC_API_KEY"; exit 1';

  test('are in nothing that is kept, from whenever it has them', async () => {
    const verifier = new CommandVerifier({ command: leak });
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-test-0000');
    const answer = await verifier.verify(taskOf(), { success: true, output: '' }, { signal: never });
    expect(answer).toMatchObject({ feedback: 'no: [redacted]', issues: ['no: [redacted]'] });
  });

  test('stay where that is asked for', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'sk-ant-test-0000');
    expect(await verify(leak, { redact: asItIs })).toMatchObject({ feedback: 'no: sk-ant-test-0000' });
  });
});
