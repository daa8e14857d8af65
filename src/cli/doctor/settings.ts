import { messageOf } from '../../model/errors.ts';
import { configLayer, environmentLayer } from '../config.ts';
import type { Context } from '../context.ts';
import { resolveRunSettings } from '../layers.ts';
import { requireRoom } from '../run/longest-answers.ts';
import type { RunSettings } from '../run-options.ts';
import { type Finding, fine, wrong } from './finding.ts';

/** How a run would be made here, from environment and config file; undefined where they are no good. */
export function settingsHere({ env, config }: Context): RunSettings | undefined {
  try {
    return settingsOf(env, config);
  } catch {
    return undefined;
  }
}

/** @param unreadable why the config file could not be read, where that is so. */
export function settings({ env, config }: Context, unreadable: Error | undefined): Finding {
  try {
    if (unreadable) throw unreadable;
    requireRoom(settingsOf(env, config));
  } catch (error) {
    return wrong('config', messageOf(error));
  }
  return fine('config', config ? `${config.path} is valid` : 'there is no config file, and none is needed');
}

function settingsOf(env: Context['env'], config: Context['config']): RunSettings {
  const layer = environmentLayer(env);
  return resolveRunSettings(config ? [layer, configLayer(config)] : [layer]);
}
