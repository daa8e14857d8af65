import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { registerAdd } from './commands/add.ts';
import { registerAudit } from './commands/audit.ts';
import { registerCancel } from './commands/cancel.ts';
import { registerClean } from './commands/clean.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerControl } from './commands/control.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEdit } from './commands/edit.ts';
import { registerExplain } from './commands/explain.ts';
import { registerExport } from './commands/export.ts';
import { registerHelp } from './commands/help.ts';
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
import { registerWatch } from './commands/watch.ts';
import { commonHelp, withHelp } from './help.ts';
import { printRaw } from './output.ts';

/** The parser as a whole: what runs, what help, completion and the references are made of. Nothing is done by it before it parses. */
export function buildProgram(): Command {
  const program = new Command('orch')
    .description(
      'Runs tasks that have to be checked: done by Claude or any command, verified, retried with feedback.',
    )
    .exitOverride()
    .configureOutput({ writeOut: printRaw, writeErr: () => undefined })
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .configureHelp({ formatHelp: commonHelp })
    .option('--store <location>', "the JSON file that holds the tasks (default 'tasks.json'; env ORCH_STORE)")
    .option('--config <path>', "a config file (default 'orch.config.json' where it exists; env ORCH_CONFIG)")
    .option('--json', 'print JSON alone')
    .option('-q, --quiet', 'print problems only')
    .option('-v, --verbose', 'print in full what was wrong')
    .option('--no-color', 'no colours');
  withHelp(program, {
    examples: ['orch add "Write a haiku about orchestration"', 'orch run', 'orch show task-001'],
    common: ['add', 'run', 'status', 'list', 'show', 'retry', 'doctor'],
  });
  registerAdd(program);
  registerRun(program);
  registerWait(program);
  registerStatus(program);
  registerWatch(program);
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
  registerCompletion(program);
  registerHelp(program);
  return program;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
