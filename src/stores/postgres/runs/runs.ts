import type { OrchError } from '../../../model/errors.ts';
import type { LiveRun, RunCommand, RunInfo, RunNote, Telling } from '../../../ports/task-store.ts';
import type { Session } from '../connection/database.ts';
import { newerThanKnown, type Versions, versionColumns } from '../migration/migration.ts';
import { ms, type Names } from '../tables/names.ts';
import { foldTally } from '../tables/tally.ts';

/** How long a run lives on that has not been heard of, in milliseconds: as long as the lease of what it holds. */
export const ALIVE_MS = 30_000;

/** Who claims or renews lives so long at least from then on, in milliseconds: until it is heard of again. */
const SURE_MS = 10_000;

/** Who comes back after a silence gives others so long to come back too, in milliseconds: the database may have been away for all. */
const BACK_MS = 15_000;

/** How old at most what is known of the store's version may be when something is changed, in milliseconds. */
const LOOK_MS = 10_000;

/** A run that is not heard of may come back, for a day: what it was told is kept for it. */
const FORGOTTEN = "interval '1 day'";

/** A run as its row has it. */
interface RunRow {
  id: string;
  info: string;
  note: string;
  command: RunCommand | null;
}

/** The runs of a store. Those of this process live as long as it does; others as long as they say so. */
export class Runs {
  readonly #names: Names;
  readonly #own = new Map<string, RunInfo>();
  readonly #leaving = new Set<string>();
  /** Until when those of this process live, as far as others know, by the database's clock. */
  #aliveUntil = 0;
  /** When they were heard of again after others could take them for dead, by the same clock. */
  #backAt = Number.NEGATIVE_INFINITY;
  /** When the versions of the store were looked at, by this process's own clock. */
  #lookedAt = performance.now();
  #closed: OrchError | undefined;

  constructor(names: Names) {
    this.#names = names;
  }

  get own(): string[] {
    return [...this.#own.keys()];
  }

  /** @returns how many lived before. */
  async join(session: Session, run: RunInfo): Promise<number> {
    const { run: table, mark, now } = this.#names;
    // Of runs that join together one is the first.
    await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [table]);
    await session.query(`DELETE FROM ${table} WHERE alive_until < ${now} - ${FORGOTTEN}`);
    await session.query(`DELETE FROM ${mark} WHERE at < now() - ${FORGOTTEN}`);
    await session.query(foldTally(this.#names));
    const before = (await this.live(session)).length;
    await session.query(
      `INSERT INTO ${table} (id, info, alive_until, server_since)
       VALUES ($1, $2::json, ${now} + $3 * interval '1 ms', pg_postmaster_start_time())`,
      [run.id, JSON.stringify(run), ALIVE_MS],
    );
    return before;
  }

  /** To be told once `join` is kept. */
  joined(run: RunInfo): void {
    this.#own.set(run.id, run);
  }

  /** @returns whether it was there. */
  async leave(session: Session, id: string): Promise<boolean> {
    const { run } = this.#names;
    return (await session.query(`DELETE FROM ${run} WHERE id = $1 RETURNING id`, [id])).length > 0;
  }

  /** One of this process is about to leave, or stays after all. */
  leaving(id: string, isLeaving: boolean): void {
    if (isLeaving) this.#leaving.add(id);
    else this.#leaving.delete(id);
  }

  /** To be told once `leave` is kept. */
  left(id: string): void {
    this.#own.delete(id);
    this.#leaving.delete(id);
  }

  /** Those of this process live; one that slept for so long that it was forgotten is there again. */
  async beat(session: Session): Promise<void> {
    const staying = [...this.#own].filter(([id]) => !this.#leaving.has(id));
    if (staying.length === 0) return;
    const { run, schema, now } = this.#names;
    const rows = await session.query<{ until: number } & Versions>(
      `INSERT INTO ${run} (id, info, alive_until, server_since)
       SELECT x.id, x.info::json, ${now} + $3 * interval '1 ms', pg_postmaster_start_time()
       FROM unnest($1::text[], $2::text[]) AS x (id, info)
       ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until, server_since = excluded.server_since
       RETURNING ${ms('alive_until')} AS until, ${versionColumns(schema)}`,
      [staying.map(([id]) => id), staying.map(([, info]) => JSON.stringify(info)), ALIVE_MS],
    );
    const until = rows[0]?.until ?? 0;
    const at = until - ALIVE_MS;
    if (this.#aliveUntil > 0 && at > this.#aliveUntil) this.#backAt = at;
    this.#aliveUntil = until;
    this.#note(rows[0]);
  }

  /** Why nothing is to be begun here any more: a newer orch has changed the store since it was opened. */
  get closed(): OrchError | undefined {
    return this.#closed;
  }

  /** The same. Where no run looks as often as it says that it lives, it is looked for now and then. */
  async lookIfClosed(session: Session): Promise<OrchError | undefined> {
    if (this.#own.size === 0 && performance.now() - this.#lookedAt > LOOK_MS) {
      const [versions] = await session.query<Versions>(`SELECT ${versionColumns(this.#names.schema)}`);
      this.#note(versions);
    }
    return this.#closed;
  }

  #note(versions: Versions | undefined): void {
    this.#lookedAt = performance.now();
    this.#closed = versions && newerThanKnown(versions, this.#names.schema);
  }

  /** Whether this process was not heard of itself until just now: then no other run is taken for dead because it was not. */
  isJustBack(now: number): boolean {
    return now - this.#backAt < BACK_MS;
  }

  /** Whoever slept is heard of before it claims, or renews: what it holds would be taken for a dead run's. */
  async beatIfDue(session: Session, now: number): Promise<void> {
    if (this.isBeatDue(now)) await this.beat(session);
  }

  isBeatDue(now: number): boolean {
    return this.#own.size > 0 && now > this.#aliveUntil - SURE_MS;
  }

  /** In the order in which they joined. */
  async live(session: Session): Promise<LiveRun[]> {
    const { run, now } = this.#names;
    const rows = await session.query<RunRow>(
      `SELECT id, info::text AS info, note::text AS note, command FROM ${run}
       WHERE id = ANY($1) OR alive_until >= ${now} ORDER BY seq`,
      [this.own],
    );
    return rows.map(({ info, note, command }) => ({
      ...(JSON.parse(info) as RunInfo),
      ...(JSON.parse(note) as RunNote),
      ...(command && { told: command }),
    }));
  }

  async note(session: Session, id: string, note: RunNote): Promise<void> {
    const { run } = this.#names;
    const [row] = await session.query<{ note: string }>(
      `SELECT note::text AS note FROM ${run} WHERE id = $1 FOR UPDATE`,
      [id],
    );
    if (!row) return;
    const noted = { ...(JSON.parse(row.note) as RunNote), ...note };
    await session.query(`UPDATE ${run} SET note = $2::json WHERE id = $1`, [id, JSON.stringify(noted)]);
  }

  /** Nothing takes a stop or a trip back. */
  async tell(session: Session, ids: readonly string[], command: RunCommand): Promise<void> {
    const { run } = this.#names;
    await session.query(
      `UPDATE ${run} SET command = $2, number = number + 1 WHERE id = ANY($1) AND coalesce(command, '') NOT IN ('stop', 'trip')`,
      [[...ids], command],
    );
  }

  async told(session: Session, id: string): Promise<Telling | undefined> {
    const { run } = this.#names;
    const [row] = await session.query<{ command: RunCommand | null; number: number }>(
      `SELECT command, number FROM ${run} WHERE id = $1`,
      [id],
    );
    return row?.command ? { command: row.command, number: row.number } : undefined;
  }
}
