/**
 * For NODE_OPTIONS of an orch that is started: as often as the file in GATE says, it goes on where it has let others have their turn
 * (`setImmediate` of node:timers/promises).
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

let turns = 0;

timers.setImmediate = async <T>(value?: T): Promise<T> => {
  turns++;
  while (Number(readFileSync(String(process.env.GATE), 'utf8')) < turns) await timers.setTimeout(10);
  return value as T;
};
syncBuiltinESMExports();
