import { type Command, Option } from 'commander';
import { contextOf, withStore } from '../context.ts';
import { flagLayer, optionOf } from '../flags.ts';
import { withHelp } from '../help.ts';
import type { Layer } from '../layers.ts';
import { collectEarly } from '../run/heap.ts';
import { makeWay } from '../run/make-way.ts';
import { selectedToRun } from '../run/selected.ts';
import { refuseUseless, runSettings } from '../run/settings.ts';
import { refuseUnfit } from '../run/unfit.ts';
import { RUN_OPTION_NAMES, type RunSettings } from '../run-options.ts';
import { addSelectors, type Selection, type SelectOptions, selectionOf, selectsAll } from '../select.ts';
import { contradiction, usage } from '../values.ts';

interface RunFlags extends Record<string, unknown>, SelectOptions {
  dryRun?: boolean;
  sample?: boolean;
  /** On the command line alone: what comes with a folder, as a config file, must not say it. */
  trust?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .summary('does each task, verifies it, retries it with feedback')
    .description('Works until nothing is runnable: does each task, verifies it, retries it with feedback.')
    .argument('[id...]', 'only these: ids, or ranges such as task-010..task-020');
  addSelectors(command);
  for (const name of RUN_OPTION_NAMES) command.addOption(optionOf(name));
  command
    .option('--dry-run', 'say what would run, in order; change nothing')
    .option('--trust', 'commands that came with the tasks or the folder may be run; remembered')
    .addOption(new Option('--sample', 'run the sample tasks on a scratch copy').hideHelp())
    .action(run);
  withHelp(command, {
    examples: [
      'orch run -j 8 --max-cost 5',
      'orch run --exec sh --check "grep -q ok"',
      'orch run --tag docs --junit orch.xml --fail-fast',
    ],
    common: [
      '--tag',
      '--concurrency',
      '--model',
      '--exec',
      '--simulate',
      '--check',
      '--max-attempts',
      '--max-cost',
      '--dry-run',
    ],
  });
}

async function run(words: string[], flags: RunFlags, command: Command): Promise<void> {
  const context = await contextOf(command);
  const given = flagLayer(command);
  if (flags.dryRun) refuseInPlan(given, flags);
  const settings = runSettings(context, given);
  if (!flags.dryRun) await makeWay(context, settings);
  refuseUseless(given, settings);
  const selection = selectionOf(words, flags);
  refuseSelection(selection, settings, flags);
  if (flags.sample) {
    const { runSample } = await import('../run/sample.ts');
    return runSample(context, settings);
  }
  collectEarly();
  await withStore(context, async (store) => {
    const only = await selectedToRun(context, store, selection);
    await refuseUnfit(store, settings, only);
    if (flags.dryRun) {
      const { dryRun } = await import('../run/dry-run.ts');
      return dryRun(context, store, settings, only);
    }
    const { conduct } = await import('../run/conduct.ts');
    if (!settings.simulate) return conduct(context, store, settings, { only, trust: flags.trust });
    const { copyToSimulate } = await import('../run/simulation.ts');
    await conduct({ ...context, isCopy: true }, await copyToSimulate(context, store), settings, { only });
  });
}

/** Which tasks are meant is found out once, when the run begins. */
function refuseSelection(selection: Selection, settings: RunSettings, flags: RunFlags): void {
  if (selectsAll(selection)) return;
  if (flags.sample) throw usage('--sample runs all sample tasks; leave out the ids, --status and --tag');
  if (settings.stay) throw usage('--stay waits for more tasks; leave out the ids, --status and --tag');
  for (const status of selection.statuses ?? []) {
    if (status === 'pending' || status === 'in_progress') continue;
    const wayOut =
      status === 'failed' ? 'orch retry --status failed takes' : 'orch reset --status completed takes';
    throw usage(`A run starts nothing that is ${status}; ${wayOut} such tasks back first`);
  }
}

function refuseInPlan({ values, nameOf }: Layer, flags: RunFlags): void {
  for (const name of ['simulate', 'stay', 'untilDue', 'junit', 'summary'] as const) {
    if (values[name]) throw contradiction('--dry-run', nameOf(name));
  }
  if (flags.sample) throw contradiction('--dry-run', '--sample');
}
