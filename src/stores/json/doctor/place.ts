import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { count, type Diagnosis, healthy } from '../../diagnosis.ts';
import { storeFault } from '../disk/faults.ts';
import { LocalDisk } from '../disk/network-file-system.ts';
import type { Patient } from './diagnosis.ts';
import { liveRunIds } from './live.ts';

/** Whether changes can be made where the store is. @throws `store-unusable` */
export function examinePlace({ path, name, statfs }: Patient): Diagnosis {
  new LocalDisk(path, name, statfs).require();
  requireWritable(dirname(path), name);
  for (const ending of ['', '.journal', '.lock']) {
    if (existsSync(`${path}${ending}`)) requireWritable(`${path}${ending}`, `${name}${ending}`);
  }
  return healthy('place', 'on a local disk, and can be written');
}

export function examineRuns({ path }: Patient): Diagnosis {
  const ids = liveRunIds(path);
  const text = ids.length === 0 ? 'none lives' : `${count(ids.length, 'run')} live: ${ids.join(', ')}`;
  return healthy('runs', text, { live: ids });
}

/** By a shared lock, which changes nothing, and which whoever wants to write waits for a moment at most. @throws `store-unusable` */
export function examineLock({ path, name }: Patient): Diagnosis {
  const file = [`${path}.lock`, path].find((each) => existsSync(each));
  if (file === undefined) return healthy('lock', 'free: nobody has locked it yet');
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    const isFree = tryLock(fd, { shared: true });
    return healthy('lock', isFree ? 'works, and is free' : 'works, and is held at this moment');
  } catch (error) {
    throw storeFault('lock', name, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function requireWritable(path: string, name: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw storeFault('write', name, error);
  }
}
