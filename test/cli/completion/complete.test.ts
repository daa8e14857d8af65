import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Shell } from '../../../src/cli/completion/answer-lines.ts';
import { complete } from '../../../src/cli/completion/complete.ts';
import { choicesOf, kindOf } from '../../../src/cli/completion/kinds.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { peekAt } from '../../../src/stores/json/peek.ts';

const start = process.cwd();
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'orch-complete-'));
  process.chdir(dir);
  const store = await JsonTaskStore.open('tasks.json');
  await store.add([
    { id: 'a.1', description: 'Write\na \u001b[31mhaiku', tags: ['docs', 'area:docs'] },
    { description: 'Translate it', tags: ['docs'] },
    { description: 'Print it', tags: ["it's", 'two words', 'no\ttab'] },
  ]);
  await store.close();
});

afterEach(() => {
  process.chdir(start);
  rmSync(dir, { recursive: true });
});

async function lines(words: string[], env: NodeJS.ProcessEnv = {}, shell: Shell = 'fish'): Promise<string[]> {
  return complete(await buildProgram(), shell, words, env);
}

/** Candidates alone, without what they are. */
async function values(...words: string[]): Promise<string[]> {
  return (await lines(words)).slice(1).map((line) => line.split('\t')[0] ?? '');
}

describe('what is completed', () => {
  test('commands, the hidden one aside', async () => {
    const all = await values('');
    expect(all).toContain('add');
    expect(all).toContain('completion');
    expect(all).not.toContain('complete');
    expect(await values('ex')).toEqual(['explain', 'export']);
    expect(await values('help', 'ex')).toEqual(['explain', 'export']);
  });

  test('options of the command and of all lines; a switch that is on is not offered again', async () => {
    expect(await values('list', '--s')).toEqual(['--status', '--store']);
    expect(await values('--json', 'list', '--j')).toEqual([]);
    expect(await values('list', '--status', 'failed', '--stat')).toEqual(['--status']);
    expect(await values('run', '--samp')).toEqual([]);
    // Where no argument is taken, nothing else can come.
    expect(await values('status', '')).toContain('--json');
  });

  test('values where the parser has a choice', async () => {
    expect(await values('run', '--effort', 'm')).toEqual(['medium', 'max']);
    expect(await values('doctor', '--take', '')).toEqual(['file', 'journal']);
    expect(await values('export', '--format=')).toEqual([
      '--format=jsonl',
      '--format=json',
      '--format=csv',
      '--format=md',
    ]);
    expect(await values('completion', 'b')).toEqual(['bash']);
    expect(await values('list', '--status', 'failed,')).toEqual([
      'failed,pending',
      'failed,in_progress',
      'failed,completed',
    ]);
    expect(await values('run', '--verifier-model', 'claude-haiku')).toEqual([
      'claude-haiku-5-5',
      'claude-haiku-4-5',
    ]);
    expect(await values('add', '--tag', '')).toEqual(['docs', 'area:docs', "it's", 'two words']);
  });

  test('ids, in lists and ranges; not one that is to be new, and none twice', async () => {
    expect(await values('show', '')).toEqual(['a.1', 'task-001', 'task-002']);
    expect(await values('cancel', 'task-001', 't')).toEqual(['task-002']);
    expect(await values('add', '--after', 'a.1,')).toEqual(['a.1,task-001', 'a.1,task-002']);
    expect(await values('list', 'task-000..')).toEqual(['task-000..task-001', 'task-000..task-002']);
    expect(await values('list', 'task-001..')).toEqual(['task-001..task-002']);
    expect(await values('show', 'task-001..')).toEqual([]);
    expect(await values('show', 'a.1', '-')).toContain('--result');
    expect(await values('add', '--id', '')).toEqual([]);
    expect(await values('add', '')).toEqual([]);
  });

  test('behind -- nothing is an option', async () => {
    expect(await values('list', '--', '-')).toEqual([]);
    expect(await values('list', '--', 'a')).toEqual(['a.1']);
  });

  /** Placeholders of values that only the person at the keyboard knows. */
  const FREE = [
    'n',
    'text',
    'time',
    'duration',
    'usd',
    '0..1',
    'regex',
    'command',
    'key=value',
    'new-id',
    'ext',
    'field',
  ];

  test('each option has values that are known, or says by its placeholder that they are not', async () => {
    const program = await buildProgram();
    const takers = [program, ...program.commands].flatMap((command) =>
      command.options.filter((option) => option.required || option.optional),
    );
    expect(takers.length).toBeGreaterThan(50);
    const open = takers.filter((option) => kindOf(option) === undefined && choicesOf(option).length === 0);
    const unsaid = open.filter(({ flags }) => !FREE.some((name) => flags.endsWith(`<${name}>`)));
    // Where a new one takes the name of something that exists, completion/kinds.ts should know its placeholder.
    expect(unsaid.map(({ flags }) => flags)).toEqual([]);
  });

  test('files and folders are left to the shell', async () => {
    expect(await lines(['add', '-f', 'x'])).toEqual(['files']);
    expect(await lines(['--store='])).toEqual(['files']);
    expect(await lines(['run', '--cwd', ''])).toEqual(['folders']);
    expect(await lines(['import', ''])).toEqual(['files']);
    expect(await lines(['add', '-fx'])).toEqual([]);
  });

  test('values that stand in the same word as their option, alone or behind switches', async () => {
    expect(await values('export', '--tag=do')).toEqual(['--tag=docs']);
    const program = await buildProgram();
    expect(await complete(program, 'fish', ['export', '-qojs', ''], {})).toContain(
      'a.1\tpending: Write a haiku',
    );
  });

  test('what it is stands beside it, in one line that steers no terminal', async () => {
    expect(await lines(['show', 'a'])).toEqual(['values', 'a.1\tpending: Write a haiku']);
    expect(await lines(['show', 't'], {}, 'zsh')).toEqual([
      'values',
      'task-001\ttask-001  pending: Translate it',
      'task-002\ttask-002  pending: Print it',
    ]);
  });
});

describe('bash', () => {
  const BREAKS = ' \t\n"\'><=;|&(:';
  const bash = async (line: string, breaks = BREAKS) =>
    (await lines([line], { COMP_WORDBREAKS: breaks }, 'bash')).slice(1);

  test('gets what comes behind the last break, and what has to be quoted is', async () => {
    expect(await bash('orch list --tag area:d')).toEqual(['docs']);
    expect(await bash('orch list --tag area:')).toEqual(['docs']);
    expect(await bash('orch list --tag area:d', ' \t\n')).toEqual(['area:docs']);
    expect(await bash('orch list --tag=area:d')).toEqual(['docs']);
    expect(await bash('orch list --tag tw')).toEqual(['two\\ words']);
    expect(await bash("orch list --tag it\\'")).toEqual(["it\\'s"]);
    expect(await bash('orch list --tag "tw')).toEqual(['two words']);
    expect(await bash("orch list --tag 'area:d")).toEqual(['area:docs']);
    expect(await bash('orch list --tag="area:d')).toEqual(['area:docs']);
  });

  test('words in quotes are one', async () => {
    expect(await bash('orch --store "tasks.json" show "ta')).toEqual(['task-001', 'task-002']);
    expect(await bash('./bin/orch  show   ta')).toEqual(['task-001', 'task-002']);
  });
});

test('fish and PowerShell hand over a word as it is typed', async () => {
  const taken = async (shell: Shell, ...words: string[]) => (await lines(words, {}, shell)).slice(1);
  expect(await taken('fish', 'list', '--tag', '"tw')).toEqual(['two words']);
  expect(await taken('fish', 'list', '--tag', 'two\\ w')).toEqual(['two words']);
  expect(await taken('powershell', 'list', '--tag', "='tw")).toEqual(['two words']);
  expect(await taken('powershell', 'show', '=')).toHaveLength(3);
});

describe('the store', () => {
  async function other(path: string): Promise<void> {
    const store = await JsonTaskStore.open(path);
    await store.add([{ id: 'other', description: 'x' }]);
    await store.close();
  }

  const ids = async (words: string[], env: NodeJS.ProcessEnv = {}) =>
    (await lines([...words, 'show', ''], env)).slice(1).map((line) => line.split('\t')[0]);

  test('is that of the line, the environment, the config file, or the usual one', async () => {
    mkdirSync('sub');
    await other('sub/other.json');
    writeFileSync('sub/config.json', '{"store":"other.json"}');
    const path = join(dir, 'sub/other.json');
    expect(await ids(['--store', 'sub/other.json'])).toEqual(['other']);
    expect(await ids(['--store=sub/other.json'])).toEqual(['other']);
    expect(await ids([], { ORCH_STORE: path })).toEqual(['other']);
    expect(await ids(['--store', 'tasks.json'], { ORCH_STORE: path })).toHaveLength(3);
    expect(await ids(['--config', 'sub/config.json'])).toEqual(['other']);
    expect(await ids([], { ORCH_CONFIG: 'sub/config.json' })).toEqual(['other']);
    expect(await ids(['--store', '~/sub/other.json'], { HOME: dir })).toEqual(['other']);
    expect(await ids(['--store', '$HOME/sub/other.json'], { HOME: dir })).toEqual(['other']);
    expect(await ids(['--store', '$' + '{HOME}/sub/other.json'], { HOME: dir })).toEqual(['other']);
  });

  /** Names, times and contents of all that is there. */
  const state = () =>
    ['.', ...readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
      const { mtimeNs, ctimeNs, size, ino } = statSync(name, { bigint: true });
      return [name, mtimeNs, ctimeNs, size, ino];
    });

  test('stays as it is: nothing is made, locked, folded or mended', async () => {
    const store = await JsonTaskStore.open('tasks.json');
    await store.add([{ id: 'late', description: 'x' }]);
    // As a kill would leave it: the change is in the journal alone, with a piece of another behind it.
    mkdirSync('killed');
    for (const name of ['tasks.json', 'tasks.json.journal']) copyFileSync(name, join('killed', name));
    appendFileSync('killed/tasks.json.journal', '00000000 {"half');
    await store.close();
    const before = state();
    expect(await ids(['--store', 'killed/tasks.json'])).toEqual(['a.1', 'task-001', 'task-002', 'late']);
    expect(state()).toEqual(before);
  });

  test('large results are read without a temporary file', async () => {
    const tasks = Array.from({ length: 12 }, (_, i) => ({
      id: `big-${i}`,
      description: 'x'.repeat(1_000_000),
      status: 'completed',
      result: 'y',
    }));
    writeFileSync(
      'big.json',
      JSON.stringify({
        version: 1,
        revision: 1,
        nextId: 1,
        tasks: tasks.map((task) => ({
          ...task,
          attempts: 1,
          priority: 0,
          createdAt: '2026-11-25T10:00:00.000Z',
          history: [],
        })),
      }),
    );
    const before = state();
    expect(await ids(['--store', 'big.json'])).toHaveLength(12);
    expect(state()).toEqual(before);
  });

  test('that is larger than a person waits for holds nothing', () => {
    const size = ['tasks.json', 'tasks.json.journal'].reduce((sum, name) => sum + statSync(name).size, 0);
    expect(peekAt('tasks.json', size)).toHaveLength(3);
    expect(peekAt('tasks.json', size - 1)).toEqual([]);
  });

  test('that is missing, broken, no file or of another kind holds nothing, and nothing is said', async () => {
    writeFileSync('broken.json', '{"version":1,"tasks":[{"id":"x"');
    writeFileSync('newer.json', '{"version":99,"tasks":[]}');
    mkdirSync('folder');
    const stores = [
      'missing.json',
      'broken.json',
      'newer.json',
      'folder',
      '.',
      'a/b/c',
      'postgres://a/b',
      '',
    ];
    for (const store of stores)
      expect({ store, ids: await ids(['--store', store]) }).toEqual({ store, ids: [] });
    expect(await ids(['--config', 'missing.json'])).toEqual([]);
    expect(await ids(['--config', 'broken.json'])).toEqual([]);
    truncateSync('tasks.json', 20);
    expect(await ids([])).toEqual([]);
    expect(readdirSync(dir)).not.toContain('missing.json');
  });
});
