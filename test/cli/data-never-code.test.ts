import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Cli, ORCH } from '../support/cli.ts';

/** Each would make a file if it ever were part of a command. */
const HOSTILE: Record<string, string> = {
  'a command in $()': '$(touch broken)',
  backticks: '`touch broken`',
  'double quotes': '"; touch broken; echo "',
  'single quotes': "'; touch broken; echo '",
  newlines: 'one\ntouch broken\n',
  'a NUL': 'one\0; touch broken\0',
  'a function as old shells took one from a variable': '() { :;}; touch broken',
  'a here-document': '\nEOF\ntouch broken\n',
  'all of it': '\\"\'`touch broken`\'"$(touch broken)\0\n; touch broken & | > broken # \u001b]0;x\u0007',
};

/** Gives back what it was told by variable, by file, and by the file of an earlier result, which `from` names. */
const EXEC = [
  'if [ -z "$ORCH_METADATA_FROM" ]; then cat "$ORCH_TASK_FILE"; exit; fi',
  `printf '%s|' "$ORCH_METADATA_FIELD"`,
  'cat "$ORCH_TASK_METADATA_FILE"; printf "|"; cat "$(printenv "$ORCH_METADATA_FROM")"',
].join('\n');

const CHECK = `{ printf '%s|' "$ORCH_METADATA_FIELD"; cat "$(printenv "$ORCH_METADATA_FROM")"; } >"checked.$ORCH_TASK_ID"`;

async function withRows(...rows: object[]): Promise<Cli> {
  const cli = new Cli();
  cli.write('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  expect((await cli.here(['add', '-f', 'rows.jsonl', '--trust'])).stderr).toBe('');
  return cli;
}

describe('data of a row, and an earlier result, is never code', () => {
  test('whatever is in it', async () => {
    const texts = Object.values(HOSTILE);
    const metadataOf = (text: string, i: number) => ({
      field: text,
      [`name ${text}`]: 'x',
      from: `ORCH_AFTER_SOURCE_${i}_FILE`,
    });
    const pair = (text: string, i: number) => [
      { id: `source-${i}`, description: text },
      {
        id: `sink-${i}`,
        description: text,
        after: `source-${i}`,
        check: CHECK,
        metadata: metadataOf(text, i),
      },
    ];
    const cli = await withRows(...texts.flatMap(pair));
    const { code, stderr } = await cli.run(['run', '--exec', EXEC], { env: { TMPDIR: cli.dir } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const results = new Map((await cli.tasks()).map(({ id, result }) => [id, result]));
    for (const [i, text] of texts.entries()) {
      const inVariable = text.replaceAll('\0', '');
      expect(results.get(`source-${i}`)).toBe(text);
      expect(results.get(`sink-${i}`)).toBe(`${inVariable}|${JSON.stringify(metadataOf(text, i))}|${text}`);
      expect(cli.read(`checked.sink-${i}`)).toBe(`${inVariable}|${text}`);
    }
    expect(existsSync(cli.path('broken'))).toBe(false);
    // The files are gone with the attempts.
    expect(readdirSync(cli.dir).filter((name) => name.startsWith('orch-'))).toEqual([]);
  });

  test('where the descriptions themselves are scripts', async () => {
    const text = HOSTILE['all of it']!;
    const script = `cat "$ORCH_AFTER_SOURCE_FILE"; printf '%s' "$ORCH_METADATA_FIELD"`;
    const cli = await withRows(
      { id: 'source', description: 'cat "$ORCH_TASK_METADATA_FILE"', metadata: { text } },
      { id: 'sink', description: script, after: 'source', metadata: { field: text } },
    );
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(0);
    const result = (await cli.tasks())[1]?.result;
    expect(result).toBe(JSON.stringify({ text }) + text.replaceAll('\0', ''));
    expect(existsSync(cli.path('broken'))).toBe(false);
  });
});

describe('a placeholder, where a command does the tasks', () => {
  const rows = [
    { id: 'one', description: 'echo 1' },
    { id: 'two', description: 'echo {{one}}', after: 'one' },
    { id: 'three', description: 'echo {{one}} {{two}}', after: ['one', 'two'] },
  ];

  test('is refused before anything is claimed, with the way out', async () => {
    const cli = await withRows(...rows);
    for (const more of [[], ['--dry-run']]) {
      const { stdout, stderr, code } = await cli.run(['run', '--exec', 'sh', ...more]);
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
      expect(stderr).toMatch(
        /^two has \{\{one\}\} in its description.*ORCH_AFTER_ONE_FILE[^\n]*1 other task\)\n$/,
      );
    }
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(Array(3).fill('pending'));
  });

  test('of a task that is not selected is none of the run', async () => {
    const cli = await withRows(...rows);
    expect((await cli.run(['run', 'one', '--exec', 'sh'])).code).toBe(0);
    expect((await cli.run(['run', 'two', '--exec', 'sh'])).code).toBe(2);
  });

  test('of a task that comes while the run works fails that task alone, for good', async () => {
    const cli = await withRows({ id: 'one', description: 'add' });
    const late = JSON.stringify({ id: 'two', description: 'echo {{one}}', after: 'one' });
    cli.write('late.jsonl', late);
    const add = `"${process.execPath}" "${ORCH}" add -f late.jsonl`;
    const { code, stdout } = await cli.run(['run', '--exec', add], {});
    expect(code).toBe(1);
    expect(stdout).toContain('✗ two       failed (permanent)  two has {{one}} in its description');
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }, { status: 'failed', attempts: 1 }]);
  });

  test('of a task that names another which it does not come after is text as any other', async () => {
    const cli = await withRows({ id: 'one', description: 'one' }, { id: 'two', description: '{{one}} {{}}' });
    expect((await cli.run(['run', '--exec', 'cat'])).code).toBe(0);
    expect((await cli.tasks())[1]?.result).toBe('{{one}} {{}}');
  });
});

describe('a description that a template filled', () => {
  const hostile = Object.values(HOSTILE).filter((text) => !text.includes('\0'));

  async function filled(template: string): Promise<Cli> {
    const cli = new Cli();
    const input = hostile.map((name) => JSON.stringify({ name })).join('\n');
    await cli.here(['add', '-', '--format', 'jsonl', '--template', template], { input });
    return cli;
  }

  test('is refused by a shell before anything is claimed, with the variable to use', async () => {
    const cli = await filled('echo {{name}}');
    const { code, stderr } = await cli.run(['run', '--exec', 'sh']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `task-001 has the field "name" of a row in its description, and sh would run that as code; write "$ORCH_METADATA_NAME" in the template instead of {{name}} (the same is true of ${hostile.length - 1} other tasks)\n`,
    });
    expect(existsSync(cli.path('broken'))).toBe(false);
  });

  test('fails for good where it comes while the run works', async () => {
    const cli = new Cli();
    const row = { name: '$(touch broken)' };
    cli.write('rows.jsonl', JSON.stringify(row));
    await cli.here(['add', `"${process.execPath}" "${ORCH}" add -f rows.jsonl -t 'echo {{name}}'`]);
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(1);
    expect(await cli.tasks()).toMatchObject([
      { status: 'completed' },
      { status: 'failed', attempts: 1, error: { kind: 'permanent' } },
    ]);
    expect(existsSync(cli.path('broken'))).toBe(false);
  });

  test('is data for a program that does not run it, and a template with the variable holds none', async () => {
    const cli = await filled('{{name}}');
    expect((await cli.run(['run', '--exec', 'cat'])).code).toBe(0);
    expect((await cli.tasks()).map(({ result }) => result)).toEqual(hostile);
    const safe = await filled('printf %s "$ORCH_METADATA_NAME"');
    expect((await safe.run(['run', '--exec', 'sh'])).code).toBe(0);
    expect((await safe.tasks()).map(({ result }) => result)).toEqual(hostile);
    expect(existsSync(safe.path('broken'))).toBe(false);
  });

  test('is somebody’s own once it was edited', async () => {
    const cli = new Cli();
    await cli.here(['add', '-', '--format', 'csv', '-t', 'echo {{name}}'], { input: 'name\nx\n' });
    await cli.here(['edit', 'task-001', '-p', '3']);
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(2);
    await cli.here(['edit', 'task-001', '--description', 'echo y']);
    expect((await cli.run(['run', '--exec', 'sh'])).code).toBe(0);
    expect((await cli.tasks())[0]).not.toHaveProperty('filledFields');
  });
});
