import type { Context } from '../context.ts';
import type { RunSettings } from '../run-options.ts';
import { commandFolder } from './command-folder.ts';
import { requireRoom } from './longest-answers.ts';
import { requireCredentials } from './parts.ts';
import { requireProgram } from './require-program.ts';

/** Before anything else: there is a key, or the program, that tasks are done with. @throws `usage` */
export async function requireMeans(settings: RunSettings, { env }: Context): Promise<void> {
  requireCredentials(settings, env);
  requireRoom(settings);
  if (settings.exec !== undefined)
    requireProgram(settings.exec, 'The command of --exec', await commandFolder(settings));
  if (settings.check !== undefined && !settings.noVerify && !settings.simulate)
    requireProgram(settings.check, 'The command of --check', await commandFolder(settings));
}
