import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ClaudeOptions } from '../../src/claude/client.ts';
import { ClaudeExecutor } from '../../src/executors/claude/claude-executor.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Usage } from '../../src/model/usage.ts';
import { ClaudeVerifier } from '../../src/verifiers/claude/claude-verifier.ts';
import { CREDENTIAL_FAULTS } from '../support/claude-credential-faults.ts';
import { type Fault, UNUSABLE, WHOLE_FAULTS } from '../support/claude-faults.ts';
import { NETWORK_FAULTS } from '../support/claude-network-faults.ts';
import { REFUSALS } from '../support/claude-refusals.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { STREAM_FAULTS } from '../support/claude-stream-faults.ts';
import { makeTask } from '../support/task.ts';

const server = useFaultServer();

/** What the connections of a test are told beside what orch tells them. */
const connections = vi.hoisted(() => ({ more: {} }));
vi.mock(import('undici'), async (original) => {
  const undici = await original();
  class Agent extends undici.Agent {
    constructor(options: ConstructorParameters<typeof undici.Agent>[0]) {
      super({ ...options, ...connections.more });
    }
  }
  return { ...undici, Agent };
});

interface Options extends ClaudeOptions {
  maxTokens?: number;
  timeoutMs?: number;
  signal: AbortSignal;
}

/** What came of a call that went wrong. */
interface Seen {
  failure: Failure;
  usage?: Usage;
}

/** Who asks Claude, and how each says what went wrong. */
const ROLES: { role: string; ask(options: Options): Promise<Seen> }[] = [
  {
    role: 'executor',
    async ask({ signal, ...options }) {
      const result = await new ClaudeExecutor(options).execute(makeTask(), { attempt: 1, signal });
      if (result.success) throw new Error(`it succeeded: ${result.output}`);
      return { failure: result.error, usage: result.usage };
    },
  },
  {
    role: 'verifier',
    async ask({ signal, ...options }) {
      const execution = { success: true, output: 'blue' } as const;
      const verification = await new ClaudeVerifier(options).verify(makeTask(), execution, { signal });
      if ('passed' in verification) throw new Error('it gave a verdict');
      const { usage } = verification;
      if ('error' in verification) {
        // One that only this call is to blame for must come as "could not tell".
        expect(verification.error.kind).not.toBe('failed');
        return { failure: verification.error, usage };
      }
      return { failure: { kind: 'failed', message: verification.reason }, usage };
    },
  },
];

const WHOLE: Usage = { inputTokens: 10, outputTokens: 5, costUsd: 0.00007 };
const BEGUN: Usage = { inputTokens: 10, outputTokens: 1, costUsd: 0.00003 };

/** What goes wrong before an answer begins does so in whatever way it would come. */
const BEFORE = [...NETWORK_FAULTS, ...CREDENTIAL_FAULTS, ...REFUSALS, ...UNUSABLE];

/** By the length of the answer that is allowed, which decides how it arrives. */
const WAYS: { way: string; maxTokens: number; faults: Fault[] }[] = [
  { way: 'an answer in one piece', maxTokens: 8192, faults: [...BEFORE, ...WHOLE_FAULTS] },
  { way: 'a streamed answer', maxTokens: 64_000, faults: [...BEFORE, ...STREAM_FAULTS] },
];

describe.each(ROLES)('$role:', ({ ask }) => {
  describe.each(WAYS)('$way', ({ maxTokens, faults }) => {
    test.each(faults)('$name is $kind', async (fault) => {
      // The SDK says there what it cannot parse.
      vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      const { timeoutMs, idleMs, headersMs } = fault;
      connections.more = headersMs === undefined ? {} : { headersTimeout: headersMs };
      const caller = new AbortController();
      if (fault.reply) server().next(fault.reply());
      await fault.prepare?.(server(), folderOfTest());
      const seen = ask({ maxTokens, timeoutMs, idleMs, signal: caller.signal });
      if (fault.aborted)
        await server()
          .received(1)
          .then(() => caller.abort());
      const { failure, usage } = await seen;
      expect(failure.kind).toBe(fault.kind);
      expect(failure.message).toMatch(fault.says);
      if (fault.retryAfter === 'month') {
        expect(failure.resumeAt).toMatch(/-01T00:00:00\.000Z$/);
        expect(failure.retryAfterMs).toBeLessThanOrEqual(31 * 24 * 3_600_000);
      } else if (fault.resumeAt !== undefined) {
        expect(failure.resumeAt).toBe(fault.resumeAt);
        expect(failure.retryAfterMs).toBeGreaterThan(3_000_000);
        expect(failure.retryAfterMs).toBeLessThanOrEqual(3_601_000);
      } else {
        expect(failure.retryAfterMs).toBe(fault.retryAfter);
      }
      if (!fault.aborted) expect(usage).toEqual(paidFor(fault));
      expect(JSON.stringify(failure)).not.toContain(TEST_KEY);
      // Once: trying again is the loop's, which waits, counts and stops.
      const calls = server().requests.filter(({ path }) => path === '/v1/messages');
      expect(calls).toHaveLength(fault.calls ?? 1);
      expect(server().violations).toEqual([]);
    });
  });
});

function paidFor({ paid }: Fault): Usage | undefined {
  return paid === 'begun' ? BEGUN : paid && WHOLE;
}

function folderOfTest(): string {
  const dir = mkdtempSync(join(tmpdir(), 'orch-fault-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}
