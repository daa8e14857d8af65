import type { Survey, SurveyRequest } from '../../../ports/survey.ts';
import { Surveyor } from '../../surveyor.ts';
import type { Session } from '../connection/database.ts';
import { rowsOf } from '../tables/look-up.ts';
import { ms, type Names, QUEUE, withEarlier } from '../tables/names.ts';
import { type JobState, statusOf, taskOfRow } from '../tables/rows.ts';

/** A survey of some tasks, and of what they come after: all of them are read. */
export async function surveySome(
  session: Session,
  only: ReadonlySet<string>,
  request: SurveyRequest,
  names: Names,
): Promise<Survey> {
  const rows = await session.query<{ id: string; state: JobState; at: number }>(
    `SELECT t.id, j.state, ${ms(names.now)} AS at FROM ${names.task} t JOIN ${names.job} j ON j.name = '${QUEUE}' AND j.id = t.job
     WHERE t.id IN (${withEarlier(names, 1)}) ORDER BY t.seq`,
    [[...only]],
  );
  const meant = request.withEarlier ? new Set(rows.map(({ id }) => id)) : only;
  const surveyor = new Surveyor({ ...request, only: meant }, rows[0]?.at ?? Date.now());
  const wanted: string[] = [];
  for (const { id, state } of rows) {
    if (surveyor.isWanted(id, statusOf(state))) wanted.push(id);
    else surveyor.know(id, statusOf(state));
  }
  for await (const row of rowsOf(session, wanted, names)) surveyor.see(taskOfRow(row));
  return surveyor.done();
}
