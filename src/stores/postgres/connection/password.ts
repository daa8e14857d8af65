import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import type { PostgresLocation } from './location.ts';

/** The server wants a password, and there is none. */
export class NoPassword extends Error {}

/** What reads `~/.pgpass`: it comes with the driver, which warns when it uses it by itself. */
interface PgPass {
  (
    of: { host: string; port: number; database: string; user: string },
    give: (password?: string) => void,
  ): void;
  warnTo(stream: NodeJS.WritableStream): void;
}

/** From the URL, PGPASSWORD or the password file, as libpq looks for it. @throws NoPassword */
export async function passwordOf({
  password,
  host,
  port,
  database,
  user,
}: PostgresLocation): Promise<string> {
  const known = password ?? process.env.PGPASSWORD;
  if (known) return known;
  const pgpass = createRequire(import.meta.resolve('pg'))('pgpass') as PgPass;
  const warnings = new PassThrough();
  pgpass.warnTo(warnings);
  const place = { host: host.startsWith('/') ? 'localhost' : host, port, database, user };
  const found = await new Promise<string | undefined>((resolve) => pgpass(place, resolve));
  if (found !== undefined) return found;
  const warned = String(warnings.read() ?? '').replace(/^WARNING: |\s+$/g, '');
  throw new NoPassword(warned);
}
