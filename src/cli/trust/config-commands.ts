import type { Context } from '../context.ts';
import { count } from '../format.ts';
import type { RunSettings } from '../run-options.ts';
import { type CheckedTask, requireTrust } from './require-trust.ts';
import { TrustedChecks } from './trusted-checks.ts';

/**
 * Before commands of a config file are run that lay in the folder, as a cloned repository has them: this user agreed to them. Whoever
 * names the file (`--config`, `ORCH_CONFIG`) has said so. They are on the same list as checks, by the file's place.
 * @param settings those in force: what a flag or a variable says instead of the file is not asked about.
 * @returns whether they may run: somebody who is asked may say no.
 * @throws `usage`: nobody is there to be asked.
 */
export async function requireConfigTrust(
  { config, env }: Context,
  settings: RunSettings,
  agreed: boolean,
): Promise<boolean> {
  if (!config?.wasFound) return true;
  const commands: CheckedTask[] = [];
  for (const name of ['exec', 'check'] as const) {
    const command = settings[name];
    if (command !== undefined && command === config.run[name])
      commands.push({ id: `run.${name}`, check: command });
  }
  return requireTrust(commands, new TrustedChecks(config.path, env), agreed, {
    subject: (number) => `${config.path} says ${count(number, 'command')}`,
    wayOut: `read the file, then say --trust, or name it with --config ${config.path}`,
  });
}
