import { Command } from 'commander';
import { manifest } from '../package-files.ts';
import { commonHelp, LAYOUT, withHelp } from './help.ts';
import { printRaw } from './output.ts';

type Register = (program: Command) => void;

/** Each command's own file, in the order of the help; some have several commands. */
const FILES: [names: string[], load: () => Promise<Register>][] = [
  [['add'], async () => (await import('./commands/add.ts')).registerAdd],
  [['run'], async () => (await import('./commands/run.ts')).registerRun],
  [['wait'], async () => (await import('./commands/wait.ts')).registerWait],
  [['status'], async () => (await import('./commands/status.ts')).registerStatus],
  [['watch'], async () => (await import('./commands/watch.ts')).registerWatch],
  [['list'], async () => (await import('./commands/list.ts')).registerList],
  [['show'], async () => (await import('./commands/show.ts')).registerShow],
  [['explain'], async () => (await import('./commands/explain.ts')).registerExplain],
  [['edit'], async () => (await import('./commands/edit.ts')).registerEdit],
  [['export'], async () => (await import('./commands/export.ts')).registerExport],
  [['import'], async () => (await import('./commands/import.ts')).registerImport],
  [['reset'], async () => (await import('./commands/reset.ts')).registerReset],
  [['retry'], async () => (await import('./commands/retry.ts')).registerRetry],
  [['audit'], async () => (await import('./commands/audit.ts')).registerAudit],
  [['cancel'], async () => (await import('./commands/cancel.ts')).registerCancel],
  [['remove'], async () => (await import('./commands/remove.ts')).registerRemove],
  [['clean'], async () => (await import('./commands/clean.ts')).registerClean],
  [['pause', 'resume', 'stop'], async () => (await import('./commands/control.ts')).registerControl],
  [['demo'], async () => (await import('./commands/demo.ts')).registerDemo],
  [['doctor'], async () => (await import('./commands/doctor.ts')).registerDoctor],
  [['db'], async () => (await import('./commands/db.ts')).registerDb],
  [['migrate'], async () => (await import('./commands/migrate.ts')).registerMigrate],
  [['selftest'], async () => (await import('./commands/selftest.ts')).registerSelftest],
  [['completion', 'complete'], async () => (await import('./commands/completion.ts')).registerCompletion],
  [['help'], async () => (await import('./commands/help.ts')).registerHelp],
];

/** These tell of all commands. */
const ABOUT_ALL = ['help', 'complete'];

/**
 * The parser: what runs, what help, completion and the references are made of. Nothing is done by it before it parses.
 * @param argv what is to be parsed: of a command that is named in it, no other file is loaded, since each start would pay for all of them.
 * Default: the parser as a whole.
 */
export async function buildProgram(argv: readonly string[] = []): Promise<Command> {
  const program = new Command('orch')
    .description(
      'Runs tasks that have to be checked: done by Claude or any command, verified, retried with feedback.',
    )
    .exitOverride()
    .configureOutput({ writeOut: printRaw, writeErr: () => undefined })
    .version(manifest().version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ ...LAYOUT, formatHelp: commonHelp })
    .option(
      '--store <location>',
      "where the tasks are: a JSON file, or postgres://... (default 'tasks.json'; env ORCH_STORE)",
    )
    .option('--config <path>', "a config file (default 'orch.config.json' where it exists; env ORCH_CONFIG)")
    .option('--json', 'print JSON alone')
    .option('-q, --quiet', 'print problems only')
    .option('-v, --verbose', 'print in full what was wrong')
    .option('--no-color', 'no colours');
  withHelp(program, {
    examples: ['orch add "Write a haiku about orchestration"', 'orch run', 'orch show task-001'],
    common: ['add', 'run', 'status', 'list', 'show', 'retry', 'doctor'],
  });
  for (const register of await Promise.all(filesFor(argv).map(([, load]) => load()))) register(program);
  return program;
}

function filesFor(argv: readonly string[]): typeof FILES {
  const name = commandIn(argv);
  const own = FILES.filter(([names]) => name !== undefined && names.includes(name));
  return own.length > 0 && !ABOUT_ALL.includes(name ?? '') ? own : FILES;
}

/** Help that is asked for before a command is that of all. */
const HELP = ['-h', '--help'];

/** The first word that is neither an option nor the value of a global one; undefined where help of all is asked for before it. */
export function commandIn(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (HELP.includes(word)) return undefined;
    if (word === '--store' || word === '--config') i++;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
}
