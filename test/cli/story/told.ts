import { storyOf } from '../../../src/cli/story/story.ts';
import { paint } from '../../../src/cli/terminal.ts';
import { decide } from '../../../src/model/decide.ts';
import type { Outcome } from '../../../src/model/settlement.ts';
import type { NewTask, Task } from '../../../src/model/task.ts';
import type { Verdict } from '../../../src/model/verdict.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { claimOne, runInfo } from '../../support/store-parts.ts';

export const RUN = 'run-1';

/** One task in a store whose clock a test moves; what happens to it is written by the store itself. */
export class Told {
  readonly clock = new ManualClock();
  readonly store = new MemoryTaskStore({ clock: this.clock });
  readonly id = 'task-001';

  static async of(task: Partial<NewTask> = {}): Promise<Told> {
    const told = new Told();
    await told.store.add([{ description: 'Write a haiku about rain', ...task }]);
    await told.store.join(runInfo(RUN));
    told.clock.advance(60_000);
    return told;
  }

  /** A claim, and twelve seconds later what came of it; then a minute passes. */
  async attempt(outcome: Outcome, maxAttempts = 3): Promise<void> {
    const { lease, task } = await claimOne(this.store, RUN);
    this.clock.advance(12_000);
    await this.store.settle(lease, decide(task, outcome, { maxAttempts, retry: true, minConfidence: 0.7 }));
    this.clock.advance(60_000);
  }

  async task(): Promise<Task> {
    return (await this.store.get(this.id))!;
  }

  async story(isFull = false): Promise<string> {
    const task = await this.task();
    const options = { blocked: undefined, runs: await this.store.runs(), now: this.clock.now(), isFull };
    const hint = (command: string) => `orch ${command}`;
    return `\n${storyOf(task, { ...options, paint: await paint(false), hint }).join('\n')}\n`;
  }
}

export function judged(output: string, verdict: Partial<Verdict>, model = 'claude-haiku-4-5'): Outcome {
  const whole: Verdict = { passed: false, confidence: 0.9, feedback: '', issues: [], ...verdict };
  return {
    type: 'judged',
    output,
    verdict: whole,
    evidence: [{ verifier: 'judge', ...whole }],
    judge: { model: 'claude-sonnet-5-5' },
    metadata: { model },
    usage: { inputTokens: 1000, outputTokens: 300, costUsd: 0.005 },
  };
}

/** What a command gave, and what its check said. */
export function checked(output: string, verdict: Partial<Verdict> = {}): Outcome {
  const whole: Verdict = { passed: false, confidence: 1, feedback: '', issues: [], ...verdict };
  const evidence = [{ verifier: 'check', ...whole }];
  return { type: 'judged', output, verdict: whole, evidence, metadata: { exitStatus: 0 } };
}
