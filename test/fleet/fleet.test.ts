import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/event.ts';
import type { Task } from '../../src/model/task.ts';
import { Turns } from '../../src/stores/postgres/batch/turns.ts';
import { PostgresTaskStore } from '../../src/stores/postgres/postgres-task-store.ts';
import { Cli, ORCH } from '../support/cli.ts';
import { Namespace, noNamespaces } from '../support/namespace.ts';
import { OwnPostgresServer } from '../support/postgres-server.ts';
import { listed } from '../support/store-parts.ts';
import { enough } from '../support/thorough.ts';

const TASKS = enough(400, 2000);
const CUT_MS = enough(3000, 10_000);
const KILL_MS = 2000;
const RUNNERS = 4;
const BURIES = enough(1, 0) === 1;

/** What no store tells: each execution writes down its task and what it gives, which no other one gives. */
const EXEC = 'echo "$ORCH_TASK_ID $PPID.$$" >>worked; sleep 0.1; echo $PPID.$$';

const reason = noNamespaces();
if (reason !== undefined) console.warn(`The fleet is not tested: ${reason}`);

let server: OwnPostgresServer;
let machines: Namespace[] = [];

beforeAll(async () => {
  if (reason !== undefined) return;
  machines = [new Namespace(0), new Namespace(1)];
  server = await OwnPostgresServer.startOwn({
    settings: ['listen_addresses=*'],
    hba: ['host all all 10.213.0.0/16 password'],
  });
});

afterAll(async () => {
  await server?.stop();
  for (const machine of machines) machine.remove();
});

/** What executions wrote down: what each gave, by task. A line is written at once, and whole. */
function workedOn(cli: Cli): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const line of cli.read('worked').split('\n').slice(0, -1)) {
    const [task = '', gave = ''] = line.split(' ');
    all.set(task, [...(all.get(task) ?? []), `${gave}\n`]);
  }
  return all;
}

/** What became of the tasks, as runners said it. */
class Log {
  readonly completed: RunEvent<'task:complete'>[] = [];
  readonly lost: string[] = [];
  /** Runs that were killed. */
  readonly killed = new Set<string>();
  readonly unexpected: string[] = [];
}

/** A process of `orch run` on one of the machines. */
class Runner {
  readonly #log: Log;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #run = '';
  #isEnding = false;

  constructor(cli: Cli, machine: Namespace, database: string, log: Log) {
    this.#log = log;
    const store = new URL(database);
    store.hostname = machine.here;
    const args = ['--store', store.href, 'run', '--stay', '--json', '-j', '4', '--exec', EXEC];
    const [file, all] = machine.command(process.execPath, [ORCH, ...args]);
    // There is no other way out of the namespace than to this machine.
    const env = cli.environment({ NODE_OPTIONS: '' });
    this.#child = spawn(file, all, { cwd: cli.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close');
    const lines = (stream: 'stdout' | 'stderr', take: (line: string) => void) => {
      const input = this.#child[stream];
      if (input) createInterface({ input }).on('line', take);
    };
    lines('stdout', (line) => this.#heard(line));
    lines('stderr', (line) => this.#complained(line));
  }

  /** One that starts while there is no way to the server ends at once; whoever looks after it starts another one. */
  #complained(line: string): void {
    if (this.#isEnding) return;
    if (this.#run !== '' || !line.includes('"store-unusable"')) this.#log.unexpected.push(line);
  }

  #heard(line: string): void {
    const event = eventIn(line);
    if (event?.event === 'run:start') this.#run = event.run;
    else if (event?.event === 'task:complete') this.#log.completed.push(event as RunEvent<'task:complete'>);
    else if (event?.event === 'task:lost') this.#log.lost.push((event as RunEvent<'task:lost'>).task.id);
  }

  /** @returns the run that it was */
  async kill(): Promise<string> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    if (this.#run !== '') this.#log.killed.add(this.#run);
    return this.#run;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

/** Undefined: the line was cut off by its writer's end. */
function eventIn(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}

async function allTasks(url: string): Promise<Task[]> {
  const store = await PostgresTaskStore.connect(url);
  try {
    return await listed(store);
  } finally {
    await store.close();
  }
}

test.runIf(reason === undefined)(
  `${RUNNERS} runners on two machines, killed, cut off and with a server that is restarted, do each of ${TASKS} tasks once`,
  async () => {
    const cli = new Cli();
    const url = await server.newDatabase();
    const input = Array.from({ length: TASKS }, (_, i) => `task ${i}\n`).join('');
    const added = await cli.run(['--store', url, 'add', '--file', '-', '--format', 'txt'], { input });
    expect(added.stderr).toBe('');
    const log = new Log();
    const start = (i: number): Runner => new Runner(cli, machines[i % 2] as Namespace, url, log);
    const runners = Array.from({ length: RUNNERS }, (_, i) => start(i));

    const completed = async (): Promise<number> => {
      const [row] = await server.sql<{ count: number }>(
        "SELECT count(*)::int AS count FROM orch_queue.job WHERE name = 'orch' AND state = 'completed'",
        [],
        url,
      );
      return row?.count ?? 0;
    };
    const untilDone = async (share: number): Promise<void> => {
      while ((await completed()) < share * TASKS) await wait(100);
    };
    /** Usually the half minute is not waited for in which a run that was killed may come back. */
    const bury = async (run: string): Promise<void> => {
      if (!BURIES) return;
      await server.sql("UPDATE orch.run SET alive_until = '-infinity' WHERE id = $1", [run], url);
      await server.sql("SELECT pg_notify('orch_orch', 'runnable')", [], url);
    };

    const over = new AbortController();
    const turns = new Turns();
    const killing = (async () => {
      for (let i = 0; !over.signal.aborted; i = (i + 1) % RUNNERS) {
        await wait(KILL_MS, undefined, { signal: over.signal }).catch(() => {});
        if (over.signal.aborted) return;
        const run = await (runners[i] as Runner).kill();
        runners[i] = start(i);
        await turns.take(() => bury(run));
      }
    })();

    await untilDone(0.1);
    machines[0]?.cut();
    await wait(CUT_MS);
    machines[0]?.mend();
    await untilDone(0.5);
    await turns.take(() => server.restart());
    await untilDone(1);
    over.abort();
    await killing;
    // One may have begun just now, and have joined nothing yet.
    await Promise.all(runners.map((runner) => runner.end()));

    const tasks = await allTasks(url);
    expect(tasks).toHaveLength(TASKS);
    const results = new Map(tasks.map((task) => [task.id, task.result]));
    for (const { id, status, history } of tasks) {
      const passed = history.filter(({ outcome }) => outcome === 'passed');
      expect({ id, status, passed: passed.length }).toEqual({ id, status: 'completed', passed: 1 });
    }
    // Each result is what one of its executions gave. None of the others is unaccounted for: an attempt that ended without a result, or a
    // claim whose runner died.
    const worked = workedOn(cli);
    expect(new Set([...worked.values()].flat()).size).toBe([...worked.values()].flat().length);
    for (const { id, result, history } of tasks) {
      const gave = worked.get(id) ?? [];
      expect(gave).toContain(result);
      expect(gave.length).toBeLessThanOrEqual(history.length);
    }
    // What was said to be completed is so, with the same result, and was said once.
    const said = log.completed.map(({ task }) => task.id);
    expect(new Set(said).size).toBe(said.length);
    for (const { task } of log.completed) expect(task.result).toBe(results.get(task.id));
    // It was said by all but those that were killed before they could.
    const unsaid = tasks.filter(({ id }) => !said.includes(id));
    for (const { history } of unsaid) {
      const last = history.find(({ outcome }) => outcome === 'passed');
      expect(log.killed).toContain(last?.run);
    }
    const again = [...worked.values()].flat().length - tasks.length;
    const about = `${log.killed.size} killed, ${again} executions in vain, ${unsaid.length} completed without a word, ${log.lost.length} lost`;
    console.log(`The fleet: ${tasks.length} tasks, ${about}`);
    expect(log.unexpected).toEqual([]);
  },
  enough(300_000, 600_000),
);
