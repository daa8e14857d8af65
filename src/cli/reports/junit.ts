import type { Survey } from '../../ports/survey.ts';
import { costText, count } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import { blockedForGood, type Named, notReached } from './not-reached.ts';
import { reportText } from './report-text.ts';
import type { Worked, WorkLog } from './work-log.ts';
import { element } from './xml.ts';

/** Longest `message`, in columns: test views show it in one line. */
const MESSAGE_COLUMNS = 300;

export interface JunitOptions {
  /** What the tasks are called together: their store's name. */
  suite: string;
  /** What the store holds now; undefined where it cannot be said. */
  left: Survey | undefined;
  /** It was a rehearsal on a copy. Default: it was not. */
  isCopy?: boolean;
}

interface Case {
  id: string;
  title: string;
  state: 'passed' | 'failure' | 'error' | 'skipped';
  seconds: number;
  /** What is in it, as XML. */
  content: string[];
}

/**
 * The run as JUnit XML, as Jenkins has it (no properties of a test case, no attributes of `skipped`): a test case for each task that it was to do.
 * What it gave back, did not come to, or found blocked for good is skipped: nothing is known of it.
 */
export function junitLines(log: WorkLog, { suite, left, isCopy = false }: JunitOptions): string[] {
  const cases = [
    ...log.tasks.map(workedCase),
    ...skippedCases(blockedForGood(log, left), 'further tasks that are blocked for good'),
    ...skippedCases(notReached(log, left), 'further tasks that were not reached'),
  ];
  const having = (wanted: Case['state']): number => cases.filter(({ state }) => state === wanted).length;
  const counts = { tests: cases.length, failures: having('failure'), errors: having('error') };
  const time = (log.stats?.elapsedSeconds ?? 0).toFixed(3);
  // Without a zone, as the format wants it; it is UTC.
  const timestamp = log.startedAt.slice(0, 19) || undefined;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    ...element('testsuites', { name: 'orch', ...counts, time }, [
      ...element('testsuite', { name: suite, ...counts, skipped: having('skipped'), time, timestamp }, [
        ...properties(log, isCopy),
        ...cases.flatMap((each) => testCase(each, suite)),
      ]),
    ]),
  ];
}

/** What is known of the run as a whole. */
function properties({ run, stats }: WorkLog, isCopy: boolean): string[] {
  if (!stats) return [];
  const { attempts, retried, costUsd, usage, stopReason } = stats;
  const known = {
    run: run || undefined,
    simulated: isCopy ? 'true' : undefined,
    attempts,
    retried,
    costUsd,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    stopReason: stopReason && `${stopReason.kind}: ${reportText(stopReason.message)}`,
  };
  const lines = Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [] : element('property', { name, value }),
  );
  return element('properties', {}, lines);
}

function workedCase(task: Worked): Case {
  const { id, title, outcome, kind, reason, workedMs, output } = task;
  const state = outcome === 'completed' ? 'passed' : outcome === 'open' ? 'skipped' : stateOf(kind);
  const why = {
    passed: () => [],
    skipped: () => element('skipped', {}, `not done: ${reason}`),
    failure: () => failure('failure', task),
    error: () => failure('error', task),
  }[state]();
  const said = [facts(task), output].filter((text) => text !== undefined).join('\n\n');
  return {
    id,
    title,
    state,
    seconds: workedMs / 1000,
    content: [...why, ...element('system-out', {}, said)],
  };
}

/** @param rest what stands for those that are not named. It is the same in each report, so that no service takes it for a new test. */
function skippedCases({ tasks, more }: Named, rest: string): Case[] {
  const skipped = (id: string, title: string, why: string): Case => ({
    id,
    title,
    state: 'skipped',
    seconds: 0,
    content: element('skipped', {}, why),
  });
  const cases = tasks.map(({ id, title, why }) => skipped(id, title, why));
  return more > 0 ? [...cases, skipped(rest, '', `${count(more, 'task')}; orch list names them`)] : cases;
}

/** Of one that its verifier could not tell, nobody knows whether it failed. */
function stateOf(kind: Worked['kind']): 'failure' | 'error' {
  return kind === 'unverifiable' ? 'error' : 'failure';
}

function testCase({ id, title, seconds, content }: Case, suite: string): string[] {
  // GitLab and Jenkins know a case by both names; Jenkins takes what is before the last dot for a package.
  const name = title === '' ? id : `${id}: ${title}`;
  return element('testcase', { classname: `orch.${suite}`, name, time: seconds.toFixed(3) }, content);
}

function failure(name: 'failure' | 'error', task: Worked): string[] {
  const { kind = 'failed', reason = '', said = [] } = task;
  return element(name, { type: kind, message: firstLine(reason, MESSAGE_COLUMNS) }, said.join('\n'));
}

/** In the place of the properties that a test case cannot have. */
function facts({ attempts, verified, outcome, usage, retriedFor }: Worked): string {
  const parts = [count(attempts, 'attempt')];
  if (outcome === 'completed' && !verified) parts.push('nothing verified the result');
  if (usage) parts.push(costText(usage));
  const again =
    retriedFor === undefined ? '' : `\ntried again because: ${firstLine(retriedFor, MESSAGE_COLUMNS)}`;
  return parts.join(', ') + again;
}
