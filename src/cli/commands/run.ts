import { type Command, Option } from 'commander';
import type { TaskStore } from '../../ports/task-store.ts';
import { configLayer, environmentLayer } from '../config.ts';
import { type Context, contextOf, withStore } from '../context.ts';
import { flagLayer, optionOf } from '../flags.ts';
import { type Layer, resolveRunSettings } from '../layers.ts';
import { note, print } from '../output.ts';
import { collectEarly } from '../run/heap.ts';
import { RUN_OPTION_NAMES, type RunSettings } from '../run-options.ts';
import { contradiction, usage } from '../values.ts';

interface RunFlags extends Record<string, unknown> {
  dryRun?: boolean;
  sample?: boolean;
  /** On the command line alone: what comes with a folder, as a config file, must not say it. */
  trust?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('Works until nothing is runnable: does each task, verifies it, retries it with feedback.');
  for (const name of RUN_OPTION_NAMES) command.addOption(optionOf(name));
  command
    .option('--dry-run', 'say what would run, in order; change nothing')
    .option('--trust', 'the checks that came in with the tasks may be run; remembered')
    .addOption(new Option('--sample', 'run the sample tasks on a scratch copy').hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  orch run -j 8\n  orch run --exec sh --check "grep -q ok"\n  orch run --simulate',
    )
    .action(run);
}

async function run(flags: RunFlags, command: Command): Promise<void> {
  const context = await contextOf(command);
  const settings = settingsOf(context, command, flags);
  if (flags.sample) {
    const { runSample } = await import('../run/sample.ts');
    return runSample(context, settings);
  }
  collectEarly();
  await withStore(context, async (store) => {
    if (flags.dryRun) {
      const { dryRun } = await import('../run/dry-run.ts');
      return dryRun(context, store, settings);
    }
    const { conduct } = await import('../run/conduct.ts');
    if (!settings.simulate) return conduct(context, store, settings, flags.trust);
    await conduct({ ...context, isCopy: true }, await copyToSimulate(context, store), settings);
  });
}

async function copyToSimulate(context: Context, store: TaskStore): Promise<TaskStore> {
  const { copyOf } = await import('../run/simulation.ts');
  const say = context.json ? note : print;
  if (!context.quiet) say('Simulated, on a copy: the store stays as it is');
  return copyOf(store);
}

function settingsOf(context: Context, command: Command, flags: RunFlags): RunSettings {
  const given = flagLayer(command);
  refuseUseless(given, flags);
  const layers = [given, environmentLayer(context.env)];
  return resolveRunSettings(context.config ? [...layers, configLayer(context.config)] : layers);
}

function refuseUseless({ values, nameOf }: Layer, flags: RunFlags): void {
  for (const name of ['verifierModel', 'verifierEffort', 'judgeSystem'] as const) {
    if (!values[name] || !values.exec || values.judge) continue;
    throw usage(`${nameOf(name)} is for the judge, which is off with --exec; add --judge`);
  }
  if (!flags.dryRun) return;
  for (const name of ['simulate', 'stay'] as const) {
    if (values[name]) throw contradiction('--dry-run', nameOf(name));
  }
  if (flags.sample) throw contradiction('--dry-run', '--sample');
}
