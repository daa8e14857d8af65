import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Cli, jsonLines, type Options, resultOf, says } from '../support/cli.ts';
import { NOT_LONG, TOLD, toldTasks } from '../support/told-tasks.ts';
import { WatchedRun } from '../support/watched-run.ts';
import { compile, faults, readSchemas } from './schemas/validators.ts';

const withTasks = (count: number) => toldTasks(Array.from({ length: count }, (_, i) => `task ${i + 1}`));

/** `orch watch`, whose lines the test reads one by one. */
class Watch {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #stdout: AsyncIterator<string>;
  readonly #stderr: Promise<string>;

  constructor(cli: Cli, args: string[] = [], options: Options = {}) {
    this.child = cli.start(['watch', ...args], options);
    this.#stdout = createInterface({ input: this.child.stdout as Readable })[Symbol.asyncIterator]();
    this.#stderr = new Response(this.child.stderr as unknown as ReadableStream).text();
  }

  /** Reads on to the line that holds this. */
  async until(text: string): Promise<void> {
    for (;;) {
      const { value, done } = await this.#stdout.next();
      if (done) throw new Error(`it ended without ${text}`);
      this.lines.push(value);
      if (value.includes(text)) return;
    }
  }

  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<{ code: number | null; stderr: string }> {
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    this.child.stdout?.resume();
    const [code] = await closed;
    return { code, stderr: await this.#stderr };
  }
}

describe('orch watch', () => {
  test('says what the run of another process does, as that run says it', async () => {
    const { cli, letGo } = await withTasks(2);
    const watch = new Watch(cli);
    await watch.until('no run works on tasks.json');
    const run = resultOf(
      cli.start(['run', '-j', '1', '--exec', TOLD, '--check', NOT_LONG, '--max-attempts', '2']),
    );
    await watch.until('▶ task-001  started');
    letGo(1, 'long');
    await watch.until('attempt 2');
    letGo(1, 'fine');
    await watch.until('▶ task-002');
    letGo(2, 'broken');
    await watch.until('▶ task-002  started again');
    letGo(2, 'broken');
    await watch.until('✗ task-002');
    const { stdout } = await run;
    await watch.until('no run works on');
    for (const code of ['\u001b', '\r']) expect(watch.lines.join('')).not.toContain(code);
    expect(await watch.end()).toEqual({ code: 0, stderr: '' });
    const told = watch.lines.filter((line) => !line.startsWith('· '));
    expect(told).toEqual(stdout.slice(0, stdout.indexOf('\n\n')).split('\n'));
    expect(watch.lines.filter((line) => line.startsWith('· '))).toEqual([
      '· no run works on tasks.json',
      expect.stringMatching(/^· run-\w+ \(pid \d+ on \S+, orch [\d.]+\) works on tasks\.json$/),
      expect.stringMatching(/^· run-\w+ has left$/),
      '· no run works on tasks.json',
    ]);
  });

  test('with --json prints events as the run does, and nothing else', async () => {
    const { cli, letGo } = await withTasks(1);
    const watch = new Watch(cli, ['--json']);
    const run = new WatchedRun(cli, ['--exec', TOLD, '--check', NOT_LONG]);
    const ended = run.until('run:end');
    await watch.until('task:start');
    letGo(1, 'long');
    await watch.until('task:start');
    letGo(1, 'fine');
    await watch.until('task:complete');
    await ended;
    expect(await watch.end()).toEqual({ code: 0, stderr: '' });
    for (const document of jsonLines(watch.lines.join('\n')))
      expect(faults(compile(readSchemas()).event, document)).toEqual([]);
    const known = ['task:start', 'task:retry', 'task:complete'];
    const brief = ({ event, run, attempt, cause, resumed, verdict }: Record<string, unknown>) => ({
      event,
      run,
      attempt,
      cause,
      resumed,
      verdict,
    });
    const ofRun = run.events.filter(({ event }) => known.includes(event)) as unknown as Record<
      string,
      unknown
    >[];
    expect(jsonLines(watch.lines.join('\n')).map(brief)).toEqual(ofRun.map(brief));
  });

  test('says at once what runs already, and when its run was killed', async () => {
    const { cli } = await withTasks(1);
    const run = new WatchedRun(cli, ['--exec', TOLD]);
    await run.until('task:start');
    const watch = new Watch(cli);
    await watch.until('▶ task-001  started');
    run.child.kill('SIGKILL');
    await watch.until('has left');
    await watch.until('no run works on');
    expect((await watch.end()).code).toBe(0);
  });

  test('only looks: the store stays as it is, and nobody waits for it', async () => {
    const { cli } = await withTasks(1);
    const files = () =>
      readdirSync(cli.dir)
        .filter((name) => name.startsWith('tasks.json'))
        .map((name) => [name, statSync(cli.path(name)).mtimeMs, statSync(cli.path(name)).size]);
    const before = files();
    const watch = new Watch(cli);
    await watch.until('no run works');
    expect(files()).toEqual(before);
    expect((await cli.run(['add', 'more'])).code).toBe(0);
    expect((await cli.run(['run', '--exec', 'true'])).code).toBe(0);
    await watch.until('✓ task-002');
    const after = files();
    await watch.end();
    expect(files()).toEqual(after);
  });

  test.each([
    ['SIGINT', 0],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it with %i', async (signal, expected) => {
    const { cli } = await withTasks(1);
    const watch = new Watch(cli);
    await watch.until('no run');
    expect(await watch.end(signal)).toEqual({ code: expected, stderr: '' });
  });

  test('ends when nobody reads it any more', async () => {
    const { cli } = await withTasks(1);
    const shell = cli.startShell('orch watch 2> err | head -1; echo over');
    const over = says(shell, 'over', 'stdout');
    const result = resultOf(shell);
    await says(shell, 'no run works', 'stdout');
    await cli.run(['run', '--exec', 'true']);
    await over;
    expect((await result).code).toBe(0);
    expect(cli.read('err')).toBe('');
  });

  test('a store that breaks meanwhile is one sentence, and 4', async () => {
    const { cli } = await withTasks(1);
    const watch = cli.start(['watch']);
    const said = says(watch, 'no run', 'stdout');
    const result = resultOf(watch);
    await said;
    cli.write('tasks.json', '{');
    const { stderr, code } = await result;
    expect(code).toBe(4);
    expect(stderr).toMatch(/^.*tasks\.json.*\n$/);
  });

  test('a store that is not there is 2, as elsewhere; -q and -v together too', async () => {
    const cli = new Cli();
    expect((await cli.run(['watch'])).code).toBe(2);
    expect(await cli.run(['-q', '-v', 'watch'])).toEqual({
      stdout: '',
      stderr: '--quiet and --verbose contradict each other; give one of them\n',
      code: 2,
    });
  });

  test('-q says problems alone, -v in full what was wrong', async () => {
    const { cli, letGo } = await withTasks(2);
    const check = 'grep -q fine || { echo one; echo two; exit 1; }';
    const [quiet, verbose] = [new Watch(cli, ['-q']), new Watch(cli, ['-v'])];
    await verbose.until('no run');
    const run = resultOf(
      cli.start(['run', '-j', '1', '--exec', TOLD, '--check', check, '--max-attempts', '1']),
    );
    await verbose.until('▶ task-001');
    letGo(1, 'fine');
    await verbose.until('▶ task-002');
    letGo(2, 'other');
    await quiet.until('✗ task-002');
    await verbose.until('  │ two');
    await run;
    for (const watch of [quiet, verbose]) await watch.end();
    expect(quiet.lines).toEqual(['✗ task-002  failed (rejected)  one']);
  });
});
