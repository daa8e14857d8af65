import { isoTime } from '../../../model/clock.ts';
import type { Task, TaskStatus } from '../../../model/task.ts';
import {
  type Blocked,
  type RunWork,
  SETTLING_MS,
  type Survey,
  type SurveyRequest,
} from '../../../ports/survey.ts';
import type { Session } from '../connection/database.ts';
import { type Names, QUEUE, taskColumns, taskSource } from '../tables/names.ts';
import { type JobState, statusOf, type TaskRow, taskOfRow } from '../tables/rows.ts';
import { LATER } from '../tables/tally.ts';
import { blockedIds } from './blocked-ids.ts';
import { limitOf } from './limit-of.ts';
import { readTally, type Tally } from './read-tally.ts';
import { readWorks } from './works.ts';

/** What changed lately that is told at most. */
const MOST_CHANGED = 1000;

/** A survey of all tasks, by sums and indexes: it does not take longer where they are many. What is read is not of one moment. */
export async function surveyAll(
  session: Session,
  { most, mostRunning = most, changed, doneSince }: SurveyRequest,
  names: Names,
): Promise<Survey> {
  const tally = await readTally(session, names);
  const { counts, at } = tally;
  const jobs = new Jobs(session, most, names);
  const running = counts.in_progress > 0 ? await jobs.held(mostRunning) : [];
  const blocked = await blockedIds(session, counts, most, names);
  const stuck = await withWaits(session, await jobs.named(blocked.stuck), true, names);
  const hopeful = await withWaits(session, await jobs.named(blocked.hopeful), false, names);
  const later = await jobs.later();
  const works = await readWorks(session, names);
  if (changed) {
    for (const task of running) changed.see(task);
    const since = isoTime((changed.since ?? at) - SETTLING_MS);
    for (const task of await jobs.endedSince(since, MOST_CHANGED)) changed.see(task);
  }
  return {
    at,
    counts,
    laterCount: later.count,
    stuckCount: blocked.stuckCount,
    running,
    failed: counts.failed > 0 ? await jobs.first(`state > 'completed'`, 'created_on') : [],
    stuck,
    hopeful,
    ready: await jobs.first(
      `state < 'active' AND NOT blocked AND start_after <= ${names.now}`,
      'priority DESC, created_on',
    ),
    later: later.tasks,
    unverified: tally.unverified,
    done: doneSince === undefined ? doneAtAll(tally) : doneBy(works),
    usage: tally.usage,
    works,
  };
}

function doneAtAll({ counts, retried }: Tally): Survey['done'] {
  return { completed: counts.completed, failed: counts.failed, retried };
}

function doneBy(works: ReadonlyMap<string, RunWork>): Survey['done'] {
  const done = { completed: 0, failed: 0, retried: 0 };
  for (const { completed, failed, retried } of works.values()) {
    done.completed += completed;
    done.failed += failed;
    done.retried += retried;
  }
  return done;
}

/** Reads some tasks of a kind, by an index of their jobs. */
class Jobs {
  readonly #session: Session;
  readonly #limit: string;
  readonly #names: Names;

  constructor(session: Session, most: number, names: Names) {
    this.#session = session;
    this.#limit = limitOf(most);
    this.#names = names;
  }

  first(condition: string, order: string): Promise<Task[]> {
    return this.#tasks(
      `SELECT id, row_number() OVER () AS place FROM (SELECT id FROM ${this.#names.job}
       WHERE name = '${QUEUE}' AND ${condition} ORDER BY ${order} ${this.#limit}) o`,
    );
  }

  /** By their claims, which are few. */
  held(most: number): Promise<Task[]> {
    const { claim, task } = this.#names;
    return this.#tasks(
      `SELECT c.job AS id, t.seq AS place FROM ${claim} c JOIN ${task} t ON t.job = c.job ORDER BY t.seq ${limitOf(most)}`,
    );
  }

  async later(): Promise<{ count: number; tasks: Task[] }> {
    const { job, now } = this.#names;
    const isLater = `${LATER} AND start_after > ${now}`;
    const [row] = await this.#session.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${job} WHERE name = '${QUEUE}' AND ${isLater}`,
    );
    const count = row?.count ?? 0;
    return { count, tasks: count > 0 ? await this.first(isLater, 'start_after, created_on') : [] };
  }

  endedSince(since: string, most: number): Promise<Task[]> {
    return this.#tasks(
      `SELECT id, row_number() OVER () AS place FROM (SELECT id FROM ${this.#names.job}
       WHERE name = '${QUEUE}' AND state >= 'completed' AND completed_on >= $1::timestamptz
       ORDER BY completed_on DESC LIMIT ${most}) o`,
      [since],
    );
  }

  async named(ids: readonly string[]): Promise<Task[]> {
    if (ids.length === 0) return [];
    return this.#tasks(`SELECT job AS id, seq AS place FROM ${this.#names.task} WHERE id = ANY($1)`, [
      [...ids],
    ]);
  }

  /** @param jobs gives the ids of jobs, and the order. */
  async #tasks(jobs: string, values: readonly unknown[] = []): Promise<Task[]> {
    const names = this.#names;
    const rows = await this.#session.query<TaskRow>(
      `WITH chosen AS MATERIALIZED (${jobs})
       SELECT ${taskColumns(names)} FROM chosen x JOIN (${taskSource(names)}) ON t.job = x.id ORDER BY x.place`,
      values,
    );
    return rows.map(taskOfRow);
  }
}

async function withWaits(
  session: Session,
  tasks: readonly Task[],
  forGood: boolean,
  { task, job }: Names,
): Promise<Blocked[]> {
  const ids = [...new Set(tasks.flatMap(({ after = [] }) => after))];
  const rows =
    ids.length === 0
      ? []
      : await session.query<{ id: string; state: JobState }>(
          `SELECT t.id, j.state FROM ${task} t JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job WHERE t.id = ANY($1)`,
          [ids],
        );
  const statuses = new Map<string, TaskStatus>(rows.map(({ id, state }) => [id, statusOf(state)]));
  return tasks.map((each) => ({
    task: each,
    waitsFor: [...new Set(each.after)]
      .map((id) => ({ id, status: statuses.get(id) }))
      .filter(({ status }) => status !== 'completed'),
    forGood,
  }));
}
