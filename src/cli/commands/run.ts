import { type Command, Option } from 'commander';
import { configLayer, environmentLayer } from '../config.ts';
import { type Context, contextOf, withStore } from '../context.ts';
import {
  kebab,
  type Layer,
  RUN_OPTION_NAMES,
  RUN_OPTIONS,
  type RunOptionName,
  type RunSettings,
  resolveRunSettings,
} from '../run-options.ts';
import { usage } from '../values.ts';

interface RunFlags extends Record<string, unknown> {
  dryRun?: boolean;
  sample?: boolean;
}

export function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('Works until nothing is runnable: does each task, verifies it, retries it with feedback.');
  for (const name of RUN_OPTION_NAMES) command.addOption(optionOf(name));
  command
    .option('--dry-run', 'say what would run, in order; change nothing')
    .addOption(new Option('--sample', 'run the sample tasks on a scratch copy').hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  orch run -j 8\n  orch run --exec sh --check "grep -q ok"\n  orch run --simulate',
    )
    .action(run);
}

function optionOf(name: RunOptionName): Option {
  const { group, short, value, help } = RUN_OPTIONS[name];
  const flag = [short && `${short},`, `--${kebab(name)}`, value].filter(Boolean).join(' ');
  return new Option(flag, help).helpGroup(group);
}

async function run(flags: RunFlags, command: Command): Promise<void> {
  const context = await contextOf(command);
  const settings = settingsOf(context, command, flags);
  if (flags.sample) {
    const { runSample } = await import('../run/sample.ts');
    return runSample(context, settings);
  }
  await withStore(context, async (store) => {
    if (flags.dryRun) {
      const { dryRun } = await import('../run/dry-run.ts');
      return dryRun(context, store, settings);
    }
    const { conduct } = await import('../run/conduct.ts');
    const { copyOf } = await import('../run/simulation.ts');
    await conduct(context, settings.simulate ? await copyOf(store) : store, settings);
  });
}

function settingsOf(context: Context, command: Command, flags: RunFlags): RunSettings {
  const given = flagLayer(command);
  refuseUseless(given, flags);
  const layers = [given, environmentLayer(context.env)];
  return resolveRunSettings(context.config ? [...layers, configLayer(context.config)] : layers);
}

/** What was said on the command line. */
function flagLayer(command: Command): Layer {
  const values: Layer['values'] = {};
  for (const name of RUN_OPTION_NAMES) {
    // Commander calls --no-verify `verify`, and has it on until it is said.
    const attribute = name.startsWith('no') ? name.charAt(2).toLowerCase() + name.slice(3) : name;
    if (command.getOptionValueSource(attribute) !== 'cli') continue;
    const value: unknown = command.getOptionValue(attribute);
    values[name] = typeof value === 'string' ? value : true;
  }
  return { values, nameOf: (name) => `--${kebab(name)}` };
}

function refuseUseless({ values }: Layer, flags: RunFlags): void {
  if (values.verifierModel && values.exec && !values.judge) {
    throw usage('--verifier-model is the judge, which is off with --exec; add --judge');
  }
  for (const name of ['simulate', 'stay'] as const) {
    if (flags.dryRun && values[name])
      throw usage(`--dry-run and --${name} contradict each other; give one of them`);
  }
  if (flags.dryRun && flags.sample)
    throw usage('--dry-run and --sample contradict each other; give one of them');
}
