import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { flagLayer, optionOf } from '../flags.ts';
import { keepOutputForResult } from '../output.ts';
import { RUN_OPTION_NAMES, type RunOptionName, type RunSettings } from '../run-options.ts';
import { paint, wantsColour } from '../terminal.ts';
import { contradiction, usage } from '../values.ts';
import { makeWay } from './make-way.ts';
import { refuseUseless, runSettings } from './settings.ts';

/**
 * Gives `orch add` the options of a run that it does not have itself: its own `--check` and the like say the same of one task. They are not
 * in its help, which says where they are.
 * @returns their names.
 */
export function addRunOptions(command: Command): RunOptionName[] {
  const own = new Set(command.options.map((option) => option.attributeName()));
  const names = RUN_OPTION_NAMES.filter((name) => !own.has(optionOf(name).attributeName()));
  for (const name of names) command.addOption(optionOf(name).hideHelp());
  return names;
}

/** The settings of the run that `--run` asks for; undefined without it. @param names as `addRunOptions` gave them. @throws `usage` */
export async function settingsToRun(
  context: Context,
  command: Command,
  names: readonly RunOptionName[],
): Promise<RunSettings | undefined> {
  const given = flagLayer(command, names);
  const [first] = Object.keys(given.values) as RunOptionName[];
  if (!command.getOptionValue('run')) {
    if (first) throw usage(`${given.nameOf(first)} is for --run; give that too`);
    return undefined;
  }
  if (given.values.stay) throw contradiction('--run', '--stay');
  const settings = runSettings(context, given);
  await makeWay(context, settings);
  refuseUseless(given, settings);
  return { ...settings, stay: false };
}

/** Standard output is for the result: what is said besides goes to standard error, in its colours. */
export async function forResult(context: Context, command: Command): Promise<Context> {
  keepOutputForResult();
  const { color, json } = command.optsWithGlobals<{ color: boolean; json?: boolean }>();
  return { ...context, paint: await paint(color && !json && wantsColour(process.stderr, context.env)) };
}
