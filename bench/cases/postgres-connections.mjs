import { readFileSync } from 'node:fs';
import pg from 'pg';
import { print } from './figures.mjs';

// What a server pays in memory for runners that wait: two connections each, one of which listens.
const { url, runners } = JSON.parse(process.argv[2]);
const clients = [];
for (let i = 0; i < 2 * runners; i++) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  if (i % 2 === 0) await client.query('LISTEN orch_bench');
  else await client.query('SELECT count(*) FROM pg_class');
  clients.push(client);
}
let kb = 0;
for (const client of clients) kb += proportionalKb(client.processID);
for (const client of clients) await client.end();
print({ serverMbPerRunner: kb / 1024 / runners });

/** Memory that is shared with others counts by its part. The server has to run on this machine. */
function proportionalKb(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
}
