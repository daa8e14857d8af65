import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifest } from '../../package-files.ts';
import { meaningOf } from '../system-error.ts';
import { type Finding, fine, wrong } from './finding.ts';

/** What orch needs of the machine, apart from the store's place. */
export async function machine(): Promise<Finding[]> {
  return [node(process.versions.node), await temporaryFolder()];
}

/** @param version of Node. */
export function node(version: string): Finding {
  const least = manifest().engines.node.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (!isEnough)
    return wrong('node', `${version}, and orch needs ${least} or newer; install one from nodejs.org`);
  return fine('node', `${version} on ${process.platform} ${process.arch}`, { version });
}

/** Commands get their files there. */
async function temporaryFolder(): Promise<Finding> {
  const folder = tmpdir();
  try {
    const scratch = await mkdtemp(join(folder, 'orch-doctor-'));
    try {
      await writeFile(join(scratch, 'probe'), 'orch doctor\n');
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return fine('temp', `${folder} can be written`);
  } catch (error) {
    const way = 'set TMPDIR to a folder that can be written';
    return wrong('temp', `the temporary folder ${folder} cannot be used: ${meaningOf(error)}; ${way}`);
  }
}
