import { once } from 'node:events';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { TEST_KEY } from '../../support/claude-setup.ts';
import { Cli, jsonLines, preload } from '../../support/cli.ts';
import { startLimitServer } from '../../support/limit-server.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

const PER_MINUTE = 1200;
const TASKS = 2000;
const AT_ONCE = 12;

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server?.stop());

/** An API that lets through so many calls a minute, which remembers whose they were. */
async function limitedApi() {
  /** The tasks of its calls, as they came, and when. */
  const calls: Array<{ task: string; at: number }> = [];
  let refused = 0;
  const api = await startLimitServer({
    requests: { perMinute: PER_MINUTE, burst: 20 },
    latencyMs: 20,
    onCall: (body, isRefused) => {
      if (isRefused) refused++;
      else calls.push({ task: /job-\d+/.exec(body)?.[0] ?? '', at: performance.now() });
    },
  });
  onTestFinished(() => api.close());
  const more = async (count: number): Promise<typeof calls> => {
    const from = calls.length;
    await vi.waitUntil(() => calls.length >= from + count, { timeout: 60_000 });
    return calls.slice(from, from + count);
  };
  return {
    url: api.url,
    more,
    /** Resolves when the whole limit is used, or nearly. */
    isUsed: async (): Promise<void> => {
      for (;;) {
        const seen = await more(20);
        const tookMs = (seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0);
        if ((19 / tookMs) * 60_000 > 0.75 * PER_MINUTE) return;
      }
    },
    refusals: () => refused / (calls.length + refused),
  };
}

/** A run on a machine and in a folder of its own. */
function runOn(host: string, store: string, api: string) {
  const cli = new Cli();
  const env = {
    ORCH_STORE: store,
    TEST_HOST: host,
    NODE_OPTIONS: `--import=${preload('other-host.ts')} --import=${preload('no-network.ts')}`,
    ANTHROPIC_BASE_URL: api,
    ANTHROPIC_API_KEY: TEST_KEY,
  };
  const child = cli.start(['run', '--json', '--no-verify', '--stay', '-j', `${AT_ONCE}`], { env });
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const begun = (): Set<unknown> => {
    const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
    const starts = jsonLines(whole).filter(({ event }) => event === 'task:start');
    return new Set(starts.map(({ task }) => (task as { description: string }).description));
  };
  return {
    /** It has got so many calls through. */
    working: (count: number) => vi.waitUntil(() => begun().size >= AT_ONCE + count, { timeout: 60_000 }),
    /** Its part of calls. */
    part: (calls: Array<{ task: string }>): number => {
      const own = begun();
      return calls.filter(({ task }) => own.has(task)).length / calls.length;
    },
    end: async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

test('a rate limit is divided among the runs on all machines; one that is killed, or ends, leaves its part to the others', {
  timeout: 120_000,
}, async () => {
  const api = await limitedApi();
  const url = await server.newDatabase();
  const input = Array.from({ length: TASKS }, (_, i) => `job-${i}\n`).join('');
  await new Cli().run(['add', '-'], { input, env: { ORCH_STORE: url } });
  const start = (host: string) => runOn(host, url, api.url);

  const near = start('near');
  await api.isUsed();

  const far = start('far');
  await far.working(10);
  const shared = await api.more(60);
  expect(far.part(shared)).toBeGreaterThan(0.3);
  expect(far.part(shared)).toBeLessThan(0.7);
  expect(near.part(shared) + far.part(shared)).toBe(1);

  await far.end('SIGKILL');
  await api.isUsed();

  const third = start('third');
  await third.working(10);
  await near.end('SIGTERM');
  await api.isUsed();
  expect(api.refusals()).toBeLessThan(0.03);
  await third.end('SIGTERM');
});
