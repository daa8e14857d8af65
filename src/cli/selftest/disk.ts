import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FAULT_POINTS } from '../../stores/json/disk/fault-points.ts';
import { storeFault } from '../../stores/json/disk/faults.ts';
import { findStore } from '../../stores/json/disk/store-path.ts';
import { JsonTaskStore } from '../../stores/json/json-task-store.ts';
import type { Ground, Site } from './ground.ts';
import { inspected, lastTasks } from './inspected.ts';
import { cutPower, durableSizes } from './power-cut.ts';

/**
 * Files in a scratch folder, on the disk of a store.
 * @param store beside whose file it is; it is not touched. @throws `store-unusable`: there can be none.
 */
export function onDisk(store: string): Ground {
  const scratch = scratchBeside(store);
  return {
    moments: FAULT_POINTS,
    mishap: 'power',
    newSite: (number) => siteIn(join(scratch, `store-${number}`)),
    async leave(violations) {
      if (violations > 0) return { folder: scratch };
      rmSync(scratch, { recursive: true, force: true });
      return {};
    },
  };
}

function siteIn(folder: string): Site {
  mkdirSync(folder);
  const path = join(folder, 'tasks.json');
  return {
    store: path,
    async suffer(mishap, told, dice) {
      if (mishap.type === 'power') cutPower(folder, durableSizes(told), mishap.cut, dice);
    },
    inspect: (violations) =>
      inspected(violations, async () => {
        const tasks = await lastTasks(await JsonTaskStore.open(path, { create: false }));
        const file = JSON.parse(readFileSync(path, 'utf8'));
        if (isDeepStrictEqual(file.tasks, tasks)) return tasks;
        const message = 'tasks.json does not show what is in the store after all have closed it';
        violations.push({ rule: 'store', message });
        return tasks;
      }),
    async remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function scratchBeside(store: string): string {
  const folder = dirname(findStore(store).path);
  try {
    return mkdtempSync(join(folder, '.orch-selftest-'));
  } catch (error) {
    throw storeFault('write', `a scratch folder in ${folder}`, error);
  }
}
