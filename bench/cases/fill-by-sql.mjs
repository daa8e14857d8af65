// Pending tasks like the first one of a store, by the million: put in by the database itself, since each through a store would take hours.
const CHUNK = 500_000;

/** @param store holds one task, `task-001`. @param n how many there are to be. */
export async function fillBySql(client, n) {
  const { rows } = await client.query(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'orch_queue' AND table_name = (SELECT table_name FROM orch_queue.queue WHERE name = 'orch') ORDER BY ordinal_position`,
  );
  const [{ table }] = (
    await client.query(`SELECT table_name AS table FROM orch_queue.queue WHERE name = 'orch'`)
  ).rows;
  const others = {
    id: `md5(i::text)::uuid`,
    group_id: `'task-' || i`,
    created_on: `f.created_on + i * interval '1 microsecond'`,
  };
  const columns = rows.map(({ name }) => name);
  const values = columns.map((name) => others[name] ?? `f.${name}`);
  for (let from = 2; from <= n; from += CHUNK) {
    const to = Math.min(n, from + CHUNK - 1);
    await client.query(
      `WITH f AS MATERIALIZED (SELECT body FROM orch.task WHERE id = 'task-001')
       INSERT INTO orch.task (id, job, body)
       SELECT 'task-' || i, md5(i::text)::uuid, replace(f.body::text, 'Task number 1', 'Task number ' || i)::json
       FROM f, generate_series(${from}, ${to}) AS i ORDER BY i`,
    );
    await client.query(
      `WITH f AS MATERIALIZED (SELECT * FROM orch_queue.${table} WHERE group_id = 'task-001')
       INSERT INTO orch_queue.${table} (${columns.join(', ')})
       SELECT ${values.join(', ')} FROM f, generate_series(${from}, ${to}) AS i ORDER BY i`,
    );
  }
  await client.query(
    `UPDATE orch.counter SET next_id = ${n + 1}, last_added = now() + ${n} * interval '1 microsecond'`,
  );
  await client.query('VACUUM ANALYZE');
}
