import { withDatabase } from '../connection/connect.ts';
import { namesIn } from '../tables/names.ts';
import { recount } from '../tables/tally.ts';

/** Counts the tasks of a store anew; nobody changes any meanwhile. @throws as `migrateDatabase` does */
export function recountDatabase(url: string): Promise<void> {
  return withDatabase(url, (database, { schema }) =>
    database.transaction(async (session) => {
      const { task, job } = namesIn(schema);
      await session.query(`LOCK TABLE ${task}, ${job} IN SHARE ROW EXCLUSIVE MODE`);
      await session.query(recount(schema));
    }),
  );
}
