import { isOrchError, messageOf } from '../../../model/errors.ts';
import { count, type Diagnosis, healthy, problem } from '../../diagnosis.ts';
import { withDatabase } from '../connection/connect.ts';
import type { Session } from '../connection/database.ts';
import type { PostgresLocation } from '../connection/location.ts';
import { isCurrent, versionsOf } from '../migration/migration.ts';
import { halves } from './halves.ts';
import { missingRights } from './rights.ts';
import * as server from './server.ts';
import * as store from './store.ts';

/** Rights that are named; the others are counted. */
const MOST = 4;

/** Looks at the database and the store in it, without changing them. @throws `usage`: the URL is none. */
export async function inspectPostgres(url: string): Promise<Diagnosis[]> {
  try {
    return await withDatabase(url, async (database, location) => [
      healthy('reach', `${location.shown} answers`),
      ...(await serverOf(database, location)),
      ...(await storeIn(database, location)),
    ]);
  } catch (error) {
    if (!isOrchError(error, 'store-unusable')) throw error;
    return [problem('reach', messageOf(error))];
  }
}

async function serverOf(session: Session, location: PostgresLocation): Promise<Diagnosis[]> {
  return [
    await server.version(session),
    await server.encryption(session, location),
    await server.clock(session),
    await server.connections(session),
  ];
}

async function storeIn(session: Session, { schema }: PostgresLocation): Promise<Diagnosis[]> {
  const { role, missing } = await missingRights(session, schema);
  // Without these nothing else can be seen.
  if (missing.some((right) => right.startsWith('USAGE'))) return [lacks(role, missing)];
  const found = await versionsOf(session, schema);
  const said = store.versions(found, schema);
  if (!said.ok) return [said];
  if (!isCurrent(found)) return [said, await store.rightsToMigrate(session, schema, found)];
  const rights =
    missing.length > 0 ? lacks(role, missing) : healthy('rights', `${role} may run tasks`, { role });
  if (missing.some((right) => right.startsWith('SELECT'))) return [said, rights];
  return [said, rights, await store.runs(session, schema), await halves(session, schema)];
}

function lacks(role: string, missing: readonly string[]): Diagnosis {
  const named = missing.slice(0, MOST).join(', ');
  const others = missing.length > MOST ? ` and ${count(missing.length - MOST, 'other')}` : '';
  const text = `${role} lacks ${named}${others}; have the owner grant them (docs/many-machines.md has the statements)`;
  return problem('rights', text, { role, missing });
}
