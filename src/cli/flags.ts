import { type Command, Option } from 'commander';
import type { Layer } from './layers.ts';
import {
  kebab,
  parseOption,
  RUN_OPTION_NAMES,
  RUN_OPTIONS,
  type RunOptionName,
  type RunSettings,
} from './run-options.ts';
import { listed } from './values.ts';

/** An option of a run as commander takes it. */
export function optionOf(name: RunOptionName): Option {
  const { group, short, value, help, parse, isList } = RUN_OPTIONS[name];
  const long = `--${kebab(name)}`;
  const flag = [short && `${short},`, long, value].filter(Boolean).join(' ');
  const option = Object.assign(new Option(flag, help).helpGroup(group), { suggests: parse?.suggests });
  return isList ? option.argParser(listed(long)) : option;
}

/**
 * What was said on the command line.
 * @param names of the options that the command has.
 */
export function flagLayer(command: Command, names: readonly RunOptionName[] = RUN_OPTION_NAMES): Layer {
  const nameOf = (name: RunOptionName) => `--${kebab(name)}`;
  const values: RunSettings = {};
  for (const name of names) {
    // Commander has its own name for --no-verify: `verify`, which is then false; --summary and --no-summary share one.
    const option = optionOf(name);
    const attribute = option.attributeName();
    if (command.getOptionValueSource(attribute) !== 'cli') continue;
    const given: unknown = command.getOptionValue(attribute);
    if (option.negate !== (given === false)) continue;
    const value = typeof given === 'string' ? parseOption(name, given, nameOf(name)) : true;
    Object.assign(values, { [name]: Array.isArray(given) ? given : value });
  }
  return { values, nameOf };
}
