import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { editIn, textOf } from '../../src/cli/edit/fields.ts';
import { Cli, HAS_SCRIPT, jsonLines, resultOf, says } from '../support/cli.ts';
import { makeTask } from '../support/task.ts';

async function withTask(...args: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.here(['add', 'one', ...args]);
  return cli;
}

describe('orch edit with options', () => {
  test('a placeholder of a task that it no longer comes after is told, by whatever names others', async () => {
    const cli = new Cli();
    await cli.add('one', 'two', 'three');
    const description = 'use {{task-001}}, {{task-002}}, {{task-001}} and {{x}}';
    const edit = async (...args: string[]) => (await cli.here(['edit', 'task-004', ...args])).stderr;
    await cli.add({ description: description, after: ['task-001', 'task-002'] });
    expect(await edit('--priority', '1')).toBe('');
    expect(await edit('--after', 'task-002,task-003', '--json')).toBe(
      '{{task-001}} in the description of task-004 is plain text now, since it no longer comes after task-001; change --description or --after\n',
    );
    await edit('--after', 'task-001,task-002');
    expect(await edit('--after', '', '-q')).toBe(
      '{{task-001}}, {{task-002}} in the description of task-004 are plain text now, since it no longer comes after task-001, task-002; change --description or --after\n',
    );
    expect((await cli.tasks())[3]).toMatchObject({ description });
    await edit('--after', 'task-001');
    expect(await edit('--after', '', '--description', 'use nothing')).toBe('');
  });

  test('changes each field, and says which', async () => {
    const cli = await withTask('--meta', 'a=1', '--meta', 'b=2', '--tag', 'old');
    await cli.add('first');
    const all = [
      '--description',
      'two',
      '-p',
      '5',
      '--criteria',
      'good',
      '--check',
      'true',
      '--after',
      'task-002',
    ];
    const more = [
      '--not-before',
      '2099-12-24T18:00Z',
      '--max-attempts',
      '2',
      '--tag',
      'x,y',
      '--meta',
      'a=',
      '--meta',
      'c=3',
    ];
    expect(await cli.here(['edit', 'task-001', ...all, ...more])).toEqual({
      stdout:
        'task-001 changed: description, priority, criteria, check, after, notBefore, maxAttempts, tags, metadata, seal\n',
      stderr: '',
      code: 0,
    });
    expect((await cli.tasks())[0]).toMatchObject({
      description: 'two',
      priority: 5,
      criteria: 'good',
      check: 'true',
      after: ['task-002'],
      notBefore: '2099-12-24T18:00:00.000Z',
      maxAttempts: 2,
      tags: ['x', 'y'],
      metadata: { b: '2', c: '3' },
    });
  });

  test('an empty value takes a field away', async () => {
    const cli = await withTask(
      '-p',
      '3',
      '--criteria',
      'c',
      '--check',
      'true',
      '--tag',
      't',
      '--meta',
      'a=1',
    );
    await cli.here(['edit', 'task-001', '--not-before', '10m', '--max-attempts', '2']);
    const flags = [
      '-p',
      '--criteria',
      '--check',
      '--tag',
      '--meta',
      '--not-before',
      '--max-attempts',
      '--after',
    ];
    const { stdout } = await cli.here(['edit', 'task-001', '--json', ...flags.flatMap((flag) => [flag, ''])]);
    const [edited] = jsonLines(stdout);
    expect(edited).toMatchObject({ description: 'one', priority: 0 });
    for (const gone of ['criteria', 'check', 'tags', 'metadata', 'notBefore', 'maxAttempts', 'after']) {
      expect(edited).not.toHaveProperty(gone);
    }
    expect((await cli.here(['edit', 'task-001', '--check', ''])).stdout).toBe('task-001 stays as it is\n');
  });

  test('a description of many lines comes from a file', async () => {
    const cli = await withTask();
    cli.write('text', 'one\ntwo\n');
    await cli.here(['edit', 'task-001', '--description-file', 'text']);
    expect(await cli.tasks()).toMatchObject([{ description: 'one\ntwo\n' }]);
  });

  test('what cannot be meant is refused, and changes nothing', async () => {
    const cli = await withTask();
    await cli.add({ description: 'two', after: ['task-001'] });
    const before = await cli.tasks();
    for (const args of [
      [],
      ['--description', ' '],
      ['--description', 'x', '--description-file', 'gone'],
      ['--description-file', 'gone'],
      ['-p', 'high'],
      ['--not-before', 'soon'],
      ['--after', 'nobody'],
      ['--meta', 'x'],
      ['--tag', 'a,,b'],
    ]) {
      const result = await cli.here(['edit', 'task-001', ...args]);
      expect(result).toMatchObject({ stdout: '', code: 2 });
      expect(result.stderr).toMatch(/^[^\n]+\n$/);
    }
    expect((await cli.here(['edit', 'task-001', '--after', 'task-002'])).stderr).toContain(
      'task-001 -> task-002 -> task-001',
    );
    expect((await cli.here(['edit', 'nobody', '-p', '1'])).code).toBe(2);
    expect(await cli.tasks()).toEqual(before);
  });

  test('a credential is not kept', async () => {
    const cli = await withTask();
    const env = { ANTHROPIC_API_KEY: 'sk-ant-api03-not-to-be-kept-0123456789' };
    const { stderr } = await cli.here(['edit', 'task-001', '--criteria', env.ANTHROPIC_API_KEY], { env });
    expect(stderr).toContain('[redacted] is kept in its place');
    expect(await cli.tasks()).toMatchObject([{ criteria: '[redacted]' }]);
  });
});

describe('what was changed of the text in an editor', () => {
  const task = makeTask({ description: 'one', priority: 2, tags: ['a'], metadata: { x: 1, y: { z: 2 } } });
  const shown = textOf(task);
  const change = (by: (fields: Record<string, unknown>) => void) => {
    const fields = JSON.parse(shown);
    by(fields);
    return editIn(JSON.stringify(fields), shown, 'task-001.json');
  };

  test('shows every field, and nothing changed is nothing', () => {
    expect(JSON.parse(shown)).toEqual({
      ...{ description: 'one', priority: 2, criteria: null, check: null, after: null, notBefore: null },
      ...{ expect: null, schema: null, maxAttempts: null, tags: ['a'], metadata: { x: 1, y: { z: 2 } } },
    });
    expect(change(() => {})).toEqual({});
  });

  test('is told field by field; what is left out, null or empty is taken away', () => {
    expect(change((fields) => Object.assign(fields, { criteria: 'good', tags: [], priority: null }))).toEqual(
      {
        criteria: 'good',
        tags: null,
        priority: 0,
      },
    );
    expect(change((fields) => delete fields.metadata)).toEqual({ metadata: null });
    expect(change((fields) => Object.assign(fields, { metadata: { x: 1, new: true } }))).toEqual({
      metadata: { y: null, new: true },
    });
  });

  test('is refused where it cannot be meant', () => {
    for (const wrong of [
      { description: '' },
      { priority: 'x' },
      { status: 'completed' },
      { id: 'x' },
      { after: [1] },
    ]) {
      expect(() => change((fields) => Object.assign(fields, wrong))).toThrow('task-001.json');
    }
    for (const text of ['', '[]', '"x"', '{']) expect(() => editIn(text, shown, 'x.json')).toThrow('x.json');
  });
});

describe.runIf(HAS_SCRIPT)('orch edit on a terminal', () => {
  const edit = (editor: string) => `export VISUAL="${editor}"; orch edit task-001; echo "code $?"`;

  test('opens the editor, and applies what changed', async () => {
    const cli = await withTask('-p', '1');
    const { stdout } = await resultOf(cli.terminal(edit("sed -i 's/one/two/'")));
    expect(stdout).toContain('task-001 changed: description\r\ncode 0');
    expect((await resultOf(cli.terminal(edit('true')))).stdout).toContain('task-001 stays as it is');
    expect(await cli.tasks()).toMatchObject([{ description: 'two', priority: 1 }]);
  });

  test('asks again where it is not JSON; what was written is not lost', async () => {
    const cli = await withTask();
    cli.write(
      'editor',
      'echo x >> tries; if [ "$(wc -l < tries)" -gt 1 ]; then echo "{\\"description\\":\\"two\\"}" > "$1"; else echo oops > "$1"; fi',
    );
    const terminal = cli.terminal(edit('sh editor'));
    const ended = resultOf(terminal);
    await says(terminal, 'Edit it again? [y/N]', 'stdout');
    terminal.stdin?.write('y\r');
    expect((await ended).stdout).toContain('code 0');
    expect(await cli.tasks()).toMatchObject([{ description: 'two' }]);
  });

  test('and where the answer is no, keeps the file', async () => {
    const cli = await withTask();
    cli.write('editor', 'echo oops > "$1"');
    const terminal = cli.terminal(edit('sh editor'));
    const ended = resultOf(terminal);
    await says(terminal, 'Edit it again? [y/N]', 'stdout');
    terminal.stdin?.write('n\r');
    const { stdout } = await ended;
    expect(stdout).toContain('code 2');
    const [, path = ''] = /what you wrote is in (\S+)/.exec(stdout) ?? [];
    expect(readFileSync(path, 'utf8')).toBe('oops\n');
    rmSync(dirname(path), { recursive: true });
    expect(await cli.tasks()).toMatchObject([{ description: 'one' }]);
  });
});
