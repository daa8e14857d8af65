import { execFile, execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { type CommandOptions, runCommand } from '../../src/process/run-command.ts';
import { turns } from '../support/manual-runtime.ts';
import { Lifeline, scratchFolder, stopTimers } from './lifeline.ts';

const run = (command: string, options: Partial<CommandOptions> = {}) =>
  runCommand({ command, timeoutMs: 60_000, ...options });

/** Runs a script by Node, in the shell's place. */
const byNode = (script: string) => `exec ${process.execPath} -e '${script.replaceAll("'", "'\\''")}'`;

/** A program that says `ready` on its lifeline and lives on; SIGTERM makes it do this. No shell: its traps leave gaps. */
function onSigterm(act: string): string {
  const script = `const say = (word) => fs.writeSync(3, word + "\\n");
    process.on("SIGTERM", () => { ${act.replaceAll("'", '"')} });
    setInterval(() => {}, 1000000);
    say("ready");`;
  return `exec ${process.execPath} -e '${script}'`;
}

/** A job in a process group of its own, as GNU `timeout` makes one, but in the session of the command. */
const ownGroup = (job: string, after = '& wait') =>
  `bash -c '${`set -m; (${job}) ${after}`.replaceAll("'", "'\\''")}'`;

describe('a command that ends by itself', () => {
  test('gives its status and both outputs', async () => {
    const result = await run('echo out; echo err >&2; exit 3');
    expect(result).toEqual({ type: 'exited', status: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('names the signal that somebody else ended it with', async () => {
    expect(await run('echo before; kill -KILL $$')).toMatchObject({
      type: 'signalled',
      signal: 'SIGKILL',
      stdout: 'before\n',
    });
  });

  test('leads a process group of its own', async () => {
    expect(await run(byNode('process.kill(-process.pid, 0)'))).toMatchObject({
      type: 'exited',
      status: 0,
    });
  });

  test('sees the variables that are added, and not those that are taken out', async () => {
    vi.stubEnv('ORCH_TEST_OUTER', 'outer');
    vi.stubEnv('ORCH_TEST_KEPT', 'kept');
    const env = { ORCH_TEST_ADDED: 'a "b" $c\nd', ORCH_TEST_OUTER: undefined };
    const { stdout } = await run('echo "$ORCH_TEST_ADDED/$ORCH_TEST_KEPT"; env | grep -c ^ORCH_TEST_OUTER=', {
      env,
    });
    expect(stdout).toBe('a "b" $c\nd/kept\n0\n');
  });

  test('runs in the folder given', async () => {
    const cwd = scratchFolder();
    await run('echo x > here', { cwd });
    expect(existsSync(join(cwd, 'here'))).toBe(true);
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    await run('exit 0', { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('input', () => {
  const big = 'äöü€𝄞 0123456789\n'.repeat(210_000);

  test('of 5 MB arrives whole, and comes back whole though characters are split between chunks', async () => {
    expect(Buffer.byteLength(big)).toBeGreaterThan(5_000_000);
    const { stdout } = await run('cat', { input: big });
    expect(stdout === big).toBe(true);
  });

  test('that is not read is no failure', async () => {
    expect(await run('exit 3', { input: big })).toMatchObject({ type: 'exited', status: 3 });
    expect(await run('exec 0<&-; echo closed', { input: big })).toMatchObject({
      status: 0,
      stdout: 'closed\n',
    });
  });

  test('is empty by default', async () => {
    expect(await run('cat; echo end')).toMatchObject({ stdout: 'end\n' });
  });
});

describe('what a command leaves behind when it exits', () => {
  test('is ended, though it ignores SIGTERM and holds stdout', async () => {
    const life = new Lifeline();
    const result = await run(`exec 3>${life.path}; trap '' TERM; sleep 999 & echo done`);
    expect(result).toEqual({ type: 'exited', status: 0, stdout: 'done\n', stderr: '' });
    expect(await life.line()).toBeUndefined();
  });

  test('may still say what it has to say, as a process substitution does', async () => {
    const leader = new Lifeline();
    const go = join(scratchFolder(), 'go');
    execFileSync('mkfifo', [go]);
    const late = `exec 4>${leader.path}; echo $$ >&4; (exec 4>&-; read line <${go}; echo $line) & echo hi`;
    const running = run(late, { lingerMs: 60_000 });
    const pid = Number(await leader.line());
    expect(await leader.line()).toBeUndefined();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 20_000);
    await writeFile(go, 'late\n');
    expect(await running).toEqual({ type: 'exited', status: 0, stdout: 'hi\nlate\n', stderr: '' });
  });

  test('keeps nobody waiting when it is nothing', async () => {
    stopTimers();
    expect(await run('echo hi')).toMatchObject({ status: 0, stdout: 'hi\n' });
  });

  test.runIf(process.platform === 'linux')('is ended in a group of its own too', async () => {
    const life = new Lifeline();
    const result = await run(
      `exec 3>${life.path}; ${ownGroup("trap '' TERM; sleep 999", '>&- 2>&- &')}; echo done`,
    );
    expect(result).toMatchObject({ type: 'exited', stdout: 'done\n' });
    expect(await life.line()).toBeUndefined();
  });

  test('is not signalled when it is nothing, since its id may be another command by then', async () => {
    const kill = vi.spyOn(process, 'kill');
    await run('echo hi');
    expect(kill.mock.calls.filter(([, signal]) => signal !== 0)).toEqual([]);
  });

  test('is not signalled when its id is taken by then', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    await run('echo hi');
    expect(kill.mock.calls.filter(([, signal]) => signal !== 0)).toEqual([]);
  });

  test('does not keep us waiting when it left the process group', async () => {
    const leaver = `const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['999'], { detached: true, stdio: 'inherit' });
      process.stdout.write(String(child.pid), () => process.exit(4));`;
    const result = await run(byNode(leaver), { graceMs: 10, lingerMs: 10 });
    process.kill(Number(result.stdout), 'SIGKILL');
    expect(result).toMatchObject({ type: 'exited', status: 4 });
  });
});

describe('a command past its deadline', () => {
  test('is ended with all that it started', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(
      `exec 3>${life.path}; sleep 999 & (sleep 999 & sleep 999) & echo so far; echo ready >&3; wait`,
      {
        timeoutMs: 5000,
      },
    );
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    expect(await running).toEqual({ type: 'timed-out', timeoutMs: 5000, stdout: 'so far\n', stderr: '' });
    expect(await life.line()).toBeUndefined();
  });

  test.each(['sleep 999', "trap '' TERM; sleep 999"])(
    'is ended with a group that it made: %s',
    async (job) => {
      stopTimers();
      const life = new Lifeline();
      const running = run(`exec 3>${life.path}; ${ownGroup(`echo ready >&3; ${job}`)}`, { timeoutMs: 5000 });
      expect(await life.line()).toBe('ready');
      vi.advanceTimersByTime(5000);
      vi.advanceTimersByTime(2000);
      expect(await running).toMatchObject({ type: 'timed-out' });
      expect(await life.line()).toBeUndefined();
    },
  );

  test('that cannot be ended is not waited for', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(`exec 3>${life.path}; echo so far; echo $$ >&3; exec sleep 999`, { timeoutMs: 5000 });
    const pid = Number(await life.line());
    // What it wrote before that line lies in the pipe: the next turns of the event loop take it out.
    await turns();
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    vi.advanceTimersByTime(5000);
    vi.advanceTimersByTime(2000);
    vi.advanceTimersByTime(2000);
    expect(await running).toEqual({ type: 'timed-out', timeoutMs: 5000, stdout: 'so far\n', stderr: '' });
    kill.mockRestore();
    process.kill(pid, 'SIGKILL');
    expect(await life.line()).toBeUndefined();
  });

  test('that cannot be ended does not keep this process from ending', async () => {
    const life = new Lifeline();
    const script = `
      import { runCommand } from './src/process/run-command.ts';
      process.kill = () => true;
      const command = 'exec 3>${life.path}; echo $$ >&3; exec sleep 999';
      console.log((await runCommand({ command, timeoutMs: 1, graceMs: 1 })).type);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
    });
    expect(stdout).toBe('timed-out\n');
    process.kill(Number(await life.line()), 'SIGKILL');
    expect(await life.line()).toBeUndefined();
  });

  test('is asked to end, and ended after the grace when it does not', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(`exec 3>${life.path}; ${onSigterm("say('asked')")}`, { timeoutMs: 5000 });
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    expect(await life.line()).toBe('asked');
    vi.advanceTimersByTime(2000);
    expect(await running).toMatchObject({ type: 'timed-out' });
    expect(await life.line()).toBeUndefined();
  });

  test('is ended with a child that ignores SIGTERM after it is itself gone', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(`exec 3>${life.path}; (trap '' TERM; echo ready >&3; sleep 999) & exec sleep 999`, {
      timeoutMs: 5000,
    });
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    vi.advanceTimersByTime(2000);
    expect(await running).toMatchObject({ type: 'timed-out' });
    expect(await life.line()).toBeUndefined();
  });

  test('is ended with a child that ignores SIGTERM and holds neither output', async () => {
    stopTimers();
    const life = new Lifeline();
    const silent = `exec 3>${life.path}; (trap '' TERM; echo ready >&3; sleep 999) >&- 2>&- & exec sleep 999`;
    const running = run(silent, { timeoutMs: 5000 });
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    expect(await running).toMatchObject({ type: 'timed-out' });
    expect(await life.line()).toBeUndefined();
  });

  test('leaves its children the grace to clean up, though it is itself gone at once', async () => {
    stopTimers();
    const life = new Lifeline();
    const leader = new Lifeline();
    const go = join(scratchFolder(), 'go');
    execFileSync('mkfifo', [go]);
    const child = onSigterm(`fs.readFileSync('${go}'); console.log('cleaned'); process.exit()`);
    const running = run(`exec 4>${leader.path}; (exec 4>&- 3>${life.path}; ${child}) & exec sleep 999`, {
      timeoutMs: 5000,
    });
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    expect(await leader.line()).toBeUndefined();
    await writeFile(go, 'the leader is dead');
    expect(await running).toMatchObject({ type: 'timed-out', stdout: 'cleaned\n' });
  });

  test('has none when the deadline is infinite', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(`exec 3>${life.path}; echo ready >&3; read line; echo $line`, {
      timeoutMs: Number.POSITIVE_INFINITY,
      input: 'late\n',
    });
    vi.advanceTimersByTime(3_600_000);
    expect(await life.line()).toBe('ready');
    expect(await running).toMatchObject({ type: 'exited', stdout: 'late\n' });
  });
});

describe('a command that says nothing', () => {
  test('for too long is ended with all that it started', async () => {
    stopTimers();
    const life = new Lifeline();
    const running = run(`exec 3>${life.path}; echo so far; sleep 999 & echo ready >&3; wait`, {
      idleMs: 5000,
    });
    expect(await life.line()).toBe('ready');
    vi.advanceTimersByTime(5000);
    expect(await running).toEqual({ type: 'idle', idleMs: 5000, stdout: 'so far\n', stderr: '' });
    expect(await life.line()).toBeUndefined();
  });

  test.each(['>&1', '>&2'])('may go on as long as it says something, on %s', async (where) => {
    stopTimers();
    const life = new Lifeline();
    const go = join(scratchFolder(), 'go');
    execFileSync('mkfifo', [go]);
    const script = `exec 3>${life.path} 4<>${go}; for n in 1 2 3; do read word <&4; echo $n ${where}; echo $n >&3; done`;
    const running = run(script, { idleMs: 5000 });
    for (const n of ['1', '2', '3']) {
      vi.advanceTimersByTime(4000);
      await writeFile(go, 'go\n');
      expect(await life.line()).toBe(n);
      // What it wrote before that line lies in the pipe: the next turns of the event loop take it out.
      await turns();
    }
    expect(await running).toMatchObject({ type: 'exited', status: 0 });
  });

  test('is not waited for longer when it has ended', async () => {
    stopTimers();
    expect(await run('true', { idleMs: 1 })).toMatchObject({ type: 'exited', status: 0 });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe.runIf(process.platform === 'linux')('what made a session of its own', () => {
  const escaping = (path: string, job: string) =>
    `exec 3>${path}; setsid -f sh -c '${job}' >/dev/null 2>&1; exec sleep 999`;

  test.each(['echo ready >&3; exec sleep 999', 'trap "" TERM; (sleep 999 & echo ready >&3; wait)'])(
    'is ended with the command: %s',
    async (job) => {
      const life = new Lifeline();
      const controller = new AbortController();
      const running = run(escaping(life.path, job), { signal: controller.signal });
      expect(await life.line()).toBe('ready');
      controller.abort();
      expect(await running).toMatchObject({ type: 'aborted' });
      expect(await life.line()).toBeUndefined();
    },
  );

  test.each([
    ['is asked first', '', ['asked']],
    [
      'is left to an orch that started it, until the end',
      'env ORCH_PROCESS_MARKS="$ORCH_PROCESS_MARKS inner"',
      [],
    ],
  ])('%s', async (_, under, said) => {
    const life = new Lifeline();
    const controller = new AbortController();
    const job = 'trap "echo asked >&3; exit" TERM; echo ready >&3; sleep 999 & wait';
    const running = run(`exec 3>${life.path}; setsid -f ${under} sh -c '${job}'; exec sleep 999`, {
      signal: controller.signal,
      graceMs: 300,
    });
    expect(await life.line()).toBe('ready');
    controller.abort();
    expect(await running).toMatchObject({ type: 'aborted' });
    for (const word of said) expect(await life.line()).toBe(word);
    expect(await life.line()).toBeUndefined();
  });

  test('of a command that runs beside it stays', async () => {
    const [life, other] = [new Lifeline(), new Lifeline()];
    const [ending, staying] = [new AbortController(), new AbortController()];
    const job = 'echo ready >&3; exec sleep 999';
    const running = run(escaping(life.path, job), { signal: ending.signal });
    const beside = run(escaping(other.path, 'echo $$ >&3; exec sleep 999'), { signal: staying.signal });
    const pid = Number(await other.line());
    expect(await life.line()).toBe('ready');
    ending.abort();
    await running;
    expect(process.kill(pid, 0)).toBe(true);
    staying.abort();
    await beside;
    expect(await other.line()).toBeUndefined();
  });

  test('stays where the command ends by itself', async () => {
    const life = new Lifeline();
    const job = 'echo $$ >&3; echo >away; exec sleep 999';
    const result = await run(
      `mkfifo away; exec 3>${life.path}; setsid -f sh -c '${job}' >/dev/null 2>&1; read line <away`,
      { cwd: scratchFolder() },
    );
    expect(result).toMatchObject({ type: 'exited', status: 0 });
    process.kill(Number(await life.line()), 'SIGKILL');
    expect(await life.line()).toBeUndefined();
  });

  test('is known through an orch that runs under an orch', async () => {
    vi.stubEnv('ORCH_PROCESS_MARKS', 'outer');
    const { stdout } = await run('echo $ORCH_PROCESS_MARKS');
    expect(stdout).toMatch(/^outer [0-9a-f-]{36}\n$/);
  });
});

describe('an abort', () => {
  test('before the start starts nothing', async () => {
    const cwd = scratchFolder();
    const result = await run('echo x > started', { cwd, signal: AbortSignal.abort() });
    expect(result).toEqual({ type: 'aborted', stdout: '', stderr: '' });
    expect(existsSync(join(cwd, 'started'))).toBe(false);
  });

  test('in flight ends the command with all that it started', async () => {
    const life = new Lifeline();
    const controller = new AbortController();
    const running = run(`exec 3>${life.path}; sleep 999 & echo so far; echo ready >&3; wait`, {
      signal: controller.signal,
    });
    expect(await life.line()).toBe('ready');
    controller.abort();
    expect(await running).toEqual({ type: 'aborted', stdout: 'so far\n', stderr: '' });
    expect(await life.line()).toBeUndefined();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

describe('output', () => {
  test('above the limit ends the command, and its beginning is kept', async () => {
    const life = new Lifeline();
    const result = await run(`exec 3>${life.path}; yes`, { maxOutputBytes: 1000 });
    expect(result).toEqual({
      type: 'too-much-output',
      maxOutputBytes: 1000,
      stdout: 'y\n'.repeat(500),
      stderr: '',
    });
    expect(await life.line()).toBeUndefined();
  });

  test('above the limit is told of, though the command exits before it is read', async () => {
    const result = await run('printf %1001s x', { maxOutputBytes: 1000 });
    expect(result).toMatchObject({ type: 'too-much-output', stdout: ' '.repeat(1000) });
  });

  test('above the limit is told of, though a child that left the group writes it after the command exited', async () => {
    const late = `const command = process.ppid;
      setInterval(() => {
        if (process.ppid === command) return;
        process.stdout.write("x".repeat(1001), () => process.exit());
      }, 1);
      process.send("watching");`;
    const leaver = `const { spawn } = require('node:child_process');
      const stdio = ['ignore', 'inherit', 'ignore', 'ipc'];
      spawn(process.execPath, ['-e', \`${late}\`], { detached: true, stdio }).on('message', () => process.exit());`;
    const result = await run(byNode(leaver), { maxOutputBytes: 1000, graceMs: 60_000 });
    expect(result).toMatchObject({ type: 'too-much-output', stdout: 'x'.repeat(1000) });
  });

  test('up to the limit is taken', async () => {
    expect(await run('printf %1000s x', { maxOutputBytes: 1000 })).toMatchObject({ type: 'exited' });
  });

  test('on stderr is never too much: its end is kept', async () => {
    const { type, stderr } = await run('seq 1 100000 >&2');
    expect(type).toBe('exited');
    expect(stderr.endsWith('99999\n100000\n')).toBe(true);
    // At most a line less than the limit: the first, which was cut.
    expect(Buffer.byteLength(stderr)).toBeGreaterThan(64 * 1024 - 8);
    expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('output that is no UTF-8', () => {
  test('is given as bytes too', async () => {
    const result = await run("printf 'a\\377b'");
    expect(result).toMatchObject({ type: 'exited', binary: Buffer.from([0x61, 0xff, 0x62]) });
    expect(await run("printf 'ä\\000'")).not.toHaveProperty('binary');
  });

  test('is not what a limit makes of a character', async () => {
    expect(await run("printf 'aäää'", { maxOutputBytes: 2 })).not.toHaveProperty('binary');
    expect(await run("printf '\\377äää'", { maxOutputBytes: 2 })).toMatchObject({
      binary: Buffer.from([0xff, 0xc3]),
    });
  });
});

describe('what cannot be started', () => {
  test('a folder that is not there is named', async () => {
    const cwd = join(scratchFolder(), 'gone');
    const message = `the working directory ${cwd} is not a folder`;
    expect(await run('true', { cwd })).toEqual({
      type: 'not-started',
      code: 'ENOENT',
      message,
      stdout: '',
      stderr: '',
    });
  });

  test('a command that the system does not take is an answer, not an exception', async () => {
    expect(await run('echo a\0b')).toMatchObject({ type: 'not-started', code: 'ERR_INVALID_ARG_VALUE' });
    expect(await run(`: ${'x'.repeat(3_000_000)}`)).toMatchObject({ type: 'not-started', code: 'E2BIG' });
  });
});
