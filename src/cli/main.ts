import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import { registerAdd } from './commands/add.ts';
import { registerAudit } from './commands/audit.ts';
import { registerCancel } from './commands/cancel.ts';
import { registerClean } from './commands/clean.ts';
import { registerControl } from './commands/control.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEdit } from './commands/edit.ts';
import { registerExplain } from './commands/explain.ts';
import { registerExport } from './commands/export.ts';
import { registerImport } from './commands/import.ts';
import { registerList } from './commands/list.ts';
import { registerRemove } from './commands/remove.ts';
import { registerReset } from './commands/reset.ts';
import { registerRetry } from './commands/retry.ts';
import { registerRun } from './commands/run.ts';
import { registerSelftest } from './commands/selftest.ts';
import { registerShow } from './commands/show.ts';
import { registerStatus } from './commands/status.ts';
import { registerWait } from './commands/wait.ts';
import { EXIT } from './exit-codes.ts';
import { note, printRaw } from './output.ts';
import { reportError } from './report-error.ts';
import { abortLiveRun } from './run/signals.ts';
import { usage } from './values.ts';

/** Milliseconds that a run has to give its tasks back after a defect. */
const RELEASE_MS = 5_000;

const ended = main(process.argv);

let leaving = false;

process.on('uncaughtException', async (thrown) => {
  // Another one on the way out is not waited for.
  if (leaving) process.exit(EXIT.defect);
  leaving = true;
  const code = reportError(thrown, asksForJson(process.argv));
  if (abortLiveRun()) await Promise.race([ended, setTimeout(RELEASE_MS)]);
  // What is left is in no known state: it ends, but not before what was printed has left.
  process.stdout.write('', () => process.exit(code));
});

await ended;

async function main(argv: string[]): Promise<void> {
  const program = buildProgram();
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return;
    process.exitCode = isMissingCommand(thrown)
      ? onMissingCommand(program, asksForJson(argv))
      : reportError(thrown, asksForJson(argv));
  }
}

function buildProgram(): Command {
  const program = new Command('orch')
    .description(
      'Runs tasks that have to be checked: done by Claude or any command, verified, retried with feedback.',
    )
    .exitOverride()
    .configureOutput({ writeOut: printRaw, writeErr: () => undefined })
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .option('--store <location>', "the JSON file that holds the tasks (default 'tasks.json'; env ORCH_STORE)")
    .option('--config <path>', "a config file (default 'orch.config.json' where it exists; env ORCH_CONFIG)")
    .option('--json', 'print JSON alone')
    .option('-q, --quiet', 'print problems only')
    .option('--no-color', 'no colours');
  registerAdd(program);
  registerRun(program);
  registerWait(program);
  registerStatus(program);
  registerList(program);
  registerShow(program);
  registerExplain(program);
  registerEdit(program);
  registerExport(program);
  registerImport(program);
  registerReset(program);
  registerRetry(program);
  registerAudit(program);
  registerCancel(program);
  registerRemove(program);
  registerClean(program);
  registerControl(program);
  registerDemo(program);
  registerDoctor(program);
  registerSelftest(program);
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The arguments may be too wrong to be parsed; that JSON is wanted shows all the same. */
function asksForJson(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(2, end === -1 ? undefined : end).includes('--json');
}

function isMissingCommand(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.code === 'commander.help';
}

/** No command was given, or help was asked for one that does not exist. */
function onMissingCommand(program: Command, json: boolean): number {
  const [, unknown] = program.args;
  if (unknown !== undefined) {
    return reportError(usage(`Unknown command '${unknown}'; orch --help lists those there are`), json);
  }
  if (json) return reportError(usage('Give a command; orch --help lists them'), json);
  note(program.helpInformation().trimEnd());
  return EXIT.usage;
}
