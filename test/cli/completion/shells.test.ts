import { mkdirSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { Cli, HAS_SCRIPT } from '../../support/cli.ts';
import { ShellTerminal } from '../../support/shell-terminal.ts';
import { type FoundShell, findShell, type ShellName } from '../../support/shells.ts';

/** A person presses Tab in a real shell on a real terminal. */
describe.each(['bash', 'zsh', 'fish'] satisfies ShellName[])('in %s', (name) => {
  let shell: FoundShell | string;

  beforeAll(() => {
    shell = HAS_SCRIPT
      ? findShell(name)
      : 'there is no script(1) of util-linux, which gives a shell a terminal';
  }, 150_000);

  /** @param isKept the script was written to a file. */
  async function sit(isKept = false, cli = new Cli()): Promise<ShellTerminal> {
    await cli.here(['add', '-f', '-', '--format', 'jsonl'], {
      input: [
        { id: 'alpha.1', description: 'Write a haiku', tags: ['area:docs', 'two words'] },
        { id: 'beta-007', description: 'Translate it', tags: ["it's"] },
        { id: 'beta-008', description: 'Print it' },
      ]
        .map((task) => JSON.stringify(task))
        .join('\n'),
    });
    await cli.here(['--store', 'other.json', 'add', '--id', 'other-1', 'elsewhere']);
    cli.write('broken.json', '{"version":1,"tasks":[{"id":"alpha.1"');
    mkdirSync(cli.path('a folder'));
    cli.write('rows here.csv', 'description\nx\n');
    const script = isKept ? (await cli.here(['completion', name])).stdout : undefined;
    return ShellTerminal.start(name, shell as FoundShell, cli.dir, script);
  }

  test('Tab completes', async (context) => {
    if (typeof shell === 'string') return context.skip(shell);
    const terminal = await sit();
    const typed: Array<[keys: string, ...words: string[]]> = [
      ['orch sho\t', 'orch', 'show'],
      ['orch show al\t', 'orch', 'show', 'alpha.1'],
      ['orch list beta-007..beta-008\t', 'orch', 'list', 'beta-007..beta-008'],
      ['orch list beta-007..b\t', 'orch', 'list', 'beta-007..beta-008'],
      ['orch list --status failed,pe\t', 'orch', 'list', '--status', 'failed,pending'],
      ['orch run --max-at\t', 'orch', 'run', '--max-attempts'],
      ['orch run --effort=xh\t', 'orch', 'run', '--effort=xhigh'],
      ['orch list --tag area:d\t', 'orch', 'list', '--tag', 'area:docs'],
      ['orch list --tag "area:d\t', 'orch', 'list', '--tag', 'area:docs'],
      ['orch list --tag=area:d\t', 'orch', 'list', '--tag=area:docs'],
      ['orch list --tag="area:d\t', 'orch', 'list', '--tag=area:docs'],
      ['orch list --tag two\t', 'orch', 'list', '--tag', 'two words'],
      ['orch list --tag it\t', 'orch', 'list', '--tag', "it's"],
      ['orch add -f ro\t', 'orch', 'add', '-f', 'rows here.csv'],
      ['orch --store=ro\t', 'orch', '--store=rows here.csv'],
      ['orch run --out-dir a\tx', 'orch', 'run', '--out-dir', 'a folder/x'],
      ['orch --store=other.json show ot\t', 'orch', '--store=other.json', 'show', 'other-1'],
      ['orch --store ./other.json show ot\t', 'orch', '--store', './other.json', 'show', 'other-1'],
      ['orch --store broken.json show al\t', 'orch', '--store', 'broken.json', 'show', 'al'],
      ['orch add ro\t', 'orch', 'add', 'ro'],
    ];
    for (const [keys, ...words] of typed)
      expect({ keys, words: await terminal.words(keys) }).toEqual({ keys, words });
  }, 120_000);

  test('what is typed is not run to complete it', async (context) => {
    if (typeof shell === 'string') return context.skip(shell);
    const cli = new Cli();
    const terminal = await sit(false, cli);
    await terminal.shows('orch list $(touch made) "$(touch made)" alp\t', /ha\.1/);
    await terminal.shows('\u0015orch --store "$(touch made)/tasks.json" list --stat\t', /us/);
    expect(readdirSync(cli.dir)).not.toContain('made');
  }, 60_000);

  test('from a script in a file, Tab shows what there is, with what it is where the shell can', async (context) => {
    if (typeof shell === 'string') return context.skip(shell);
    const terminal = await sit(true);
    const shown = name === 'bash' ? /beta-007\s+beta-008/ : /beta-007[^\n]*pending: Translate it/;
    // Bash beeps at the first Tab.
    await terminal.shows(name === 'bash' ? 'orch show \t\t' : 'orch show \t', shown);
  }, 60_000);
});
