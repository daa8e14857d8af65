import { Governor } from '../../../src/claude/governor/governor.ts';
import { backoffDelay, DEFAULT_BACKOFF } from '../../../src/core/backoff.ts';
import { dice, normal, SimulatedApi, type SimulatedApiOptions } from '../../support/simulated-api.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

export interface SimulatedRunOptions extends Omit<SimulatedApiOptions, 'now' | 'random'> {
  seed: number;
  /** Milliseconds. */
  windowMs: number;
  /** Milliseconds after the start at which each run joins the store; each has a governor of its own. Default: one run, at the start. */
  joins?: number[];
  /** What each governor is told of how many they are. Default: what a run knows of it, see `knownRuns`. */
  share?: number;
  /** Calls a minute of somebody else's, who sends them evenly and gives no thought to limits. */
  foreignPerMinute?: number;
  /** Tasks in hand at once, of each run. Default 64. */
  concurrency?: number;
  /** Mean tokens of a call; its logarithm has a standard deviation of 0.3. Default 500 and 500. */
  meanInput?: number;
  meanOutput?: number;
  /** Characters a token in what is sent. Default 4. */
  charactersAToken?: number;
  /** Milliseconds: most that a call is on its way to the API, or its answer back to us. Default 3. */
  jitterMs?: number;
  /** Milliseconds: most that it takes from a call's turn to its sending. Default 0. */
  slowMs?: number;
}

/** As in `LiveRuns`. */
const LOOK_MS = 250;

export interface SimulatedOutcome {
  api: SimulatedApi;
  /** Of what the API let through, by the bucket that was tightest: 0 to 1. */
  used: number;
  /** Part of the calls that were answered with 429. */
  refused: number;
  governors: Governor[];
}

/** Works as a run does, against a simulated API in virtual time, until the window ends. */
export async function simulateRun(options: SimulatedRunOptions): Promise<SimulatedOutcome> {
  const { seed, windowMs, joins = [0], share, concurrency = 64 } = options;
  const time = new VirtualTime();
  const random = dice(seed);
  const api = new SimulatedApi({ ...options, now: time.now, random });
  const begun = time.now();
  const governors: Governor[] = joins.map((joinedAt, run) => {
    const known = (): number => share ?? knownRuns(joins, run, time.now() - begun);
    const governor = new Governor({ time, share: known });
    const begin = (): void => {
      for (let slot = 0; slot < concurrency; slot++) void work(governor, api, time, random, options);
    };
    const look = (): void => {
      for (const other of governors) if (other !== governor) governor.adopt(other.learned());
      time.after(LOOK_MS, look);
    };
    time.after(joinedAt, begin);
    time.after(joinedAt + LOOK_MS, look);
    return governor;
  });
  if (options.foreignPerMinute) void disturb(api, time, options.foreignPerMinute);
  await time.pass(windowMs);
  const { answers } = api;
  const sent = answers[200] + answers[429] + answers[529];
  return { api, governors, used: used(api, options), refused: answers[429] / sent };
}

/** As `LiveRuns` has it: who joins is told who joined before, and looks again and again. */
function knownRuns(joins: number[], run: number, now: number): number {
  const own = joins[run] ?? 0;
  const looks = Math.floor((now - own) / LOOK_MS);
  if (looks >= 1) return joins.filter((at) => at <= own + looks * LOOK_MS).length;
  return joins.filter((at, other) => at < own || (at === own && other <= run)).length;
}

async function work(
  governor: Governor,
  api: SimulatedApi,
  time: VirtualTime,
  random: () => number,
  options: SimulatedRunOptions,
): Promise<never> {
  const { meanInput = 500, meanOutput = 500, charactersAToken = 4, jitterMs = 3, slowMs = 0 } = options;
  const around = (mean: number): number => Math.ceil(mean * Math.exp(0.3 * normal(random) - 0.045));
  const signal = new AbortController().signal;
  for (;;) {
    const call = { inputTokens: around(meanInput), outputTokens: around(meanOutput) };
    const characters = call.inputTokens * charactersAToken;
    for (let failures = 1; ; failures++) {
      const admission = await governor.turn({ model: 'm', characters, maxTokens: 8192 }, signal);
      if ('failure' in admission) throw new Error(admission.failure.message);
      const { turn } = admission;
      await time.sleep(random() * slowMs);
      turn.sent();
      await time.sleep(random() * jitterMs);
      const { status, headers, afterMs, ended } = api.handle(call);
      await time.sleep(afterMs);
      ended();
      await time.sleep(random() * jitterMs);
      turn.answered(status, headers);
      turn.end(status === 200 ? { usage: call } : { error: { status } });
      if (status === 200) break;
      const asked = Number(headers.get('retry-after') ?? 0) * 1000;
      await time.sleep(backoffDelay(DEFAULT_BACKOFF, failures, random, asked));
    }
  }
}

async function disturb(api: SimulatedApi, time: VirtualTime, perMinute: number): Promise<never> {
  for (;;) {
    await time.sleep(60_000 / perMinute);
    if ((api.requests?.level ?? 0) >= 1) api.requests?.take(1);
  }
}

/** What was let through of what the tightest bucket held at first and what came in. */
function used(api: SimulatedApi, { windowMs, ...limits }: SimulatedRunOptions): number {
  const parts = (['requests', 'inputTokens', 'outputTokens'] as const).map((name) => {
    const limit = limits[name];
    return limit ? api.letThrough[name] / (limit.burst + (limit.perMinute * windowMs) / 60_000) : 0;
  });
  return Math.max(...parts);
}
