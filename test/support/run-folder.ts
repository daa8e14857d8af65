import { chmodSync, rmSync } from 'node:fs';
import { ownedFolder } from './owned-folder.ts';
import { placeForServers } from './place-for-servers.ts';

/** What the files of one test run make once for all of them lies in a folder, which goes with the run. */
export default function setup(): () => void {
  const folder = ownedFolder('orch-test-run', placeForServers());
  // As root a PostgreSQL server runs as another user, who has to get there.
  chmodSync(folder, 0o755);
  process.env.ORCH_TEST_RUN = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
