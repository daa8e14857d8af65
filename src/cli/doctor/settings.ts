import { messageOf } from '../../model/errors.ts';
import { layersHere } from '../config.ts';
import type { Context } from '../context.ts';
import { resolveRunSettings } from '../layers.ts';
import { requireRoom } from '../run/longest-answers.ts';
import type { RunSettings } from '../run-options.ts';
import { type Finding, fine, wrong } from './finding.ts';

/** How a run would be made here, from environment and config file; undefined where they are no good. */
export function settingsHere(context: Context): RunSettings | undefined {
  try {
    return resolveRunSettings(layersHere(context));
  } catch {
    return undefined;
  }
}

/** @param unreadable why the config file could not be read, where that is so. */
export function settings(context: Context, unreadable: Error | undefined): Finding {
  try {
    if (unreadable) throw unreadable;
    requireRoom(resolveRunSettings(layersHere(context)));
  } catch (error) {
    return wrong('config', messageOf(error));
  }
  const { config } = context;
  return fine('config', config ? `${config.path} is valid` : 'there is no config file, and none is needed');
}
