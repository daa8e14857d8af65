import { expect, test } from 'vitest';
import { decide } from '../../../src/model/decide.ts';
import { claimOne, runInfo } from '../../support/store-parts.ts';
import { checked, judged, RUN, Told } from './told.ts';

test('rejected, then mended by another model that was told what was wrong', async () => {
  const told = await Told.of({ priority: 5, criteria: 'three lines\na season word', maxAttempts: 3 });
  const issues = ['The second line has nine syllables.', 'There is no season word.'];
  await told.attempt(judged('Rain falls on the roof', { feedback: 'Not a haiku yet.', issues }));
  const passed = { passed: true, confidence: 0.95, feedback: 'All is there.' };
  await told.attempt(judged('Autumn rain again\nthe gutter\nsings', passed, 'claude-opus-5-5'));
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    ✓ task-001 is completed after 2 attempts
      Write a haiku about rain

      added       today at 00:00 UTC
      priority    5
      attempts    at most 3
      criteria    three lines a season word
      used        2,000 tokens in, 600 out, $0.0100

    ✗ Attempt 1 was rejected, today at 00:01 UTC
      claude-haiku-4-5 did it in 12s.
      It used 1,000 tokens in, 300 out, $0.0050.
      The judge (claude-sonnet-5-5) rejected it, 90 % sure:
        Not a haiku yet.
        - The second line has nine syllables.
        - There is no season word.
      It gave:
        Rain falls on the roof

    ✓ Attempt 2 passed, today at 00:02 UTC
      Told what was wrong, claude-opus-5-5 did it again, instead of claude-haiku-4-5, in 12s.
      It used 1,000 tokens in, 300 out, $0.0050.
      The judge (claude-sonnet-5-5) passed it, 95 % sure:
        All is there.

    Result (verified, confidence 0.95):
    Autumn rain again
    the gutter
    sings
    "
  `);
});

test('it failed by itself, then its check had been changed, and no attempts were left', async () => {
  const seal = { check: 'aa', files: { 'check.sh': 'bb' } };
  const told = await Told.of({ check: './check.sh', seal });
  const reason = 'the command exited with 3: no rain today';
  await told.attempt({ type: 'failed', reason, output: 'broken\n', metadata: { exitStatus: 3 } }, 2);
  const tampered = ['check.sh has changed'];
  const feedback = 'tampered since the task was added: check.sh has changed';
  await told.attempt(checked('rain', { feedback, issues: tampered, tampered }), 2);
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    ✗ task-001 failed after 2 attempts
      Write a haiku about rain

      added       today at 00:00 UTC
      check       ./check.sh
      sealed      check.sh

    ✗ Attempt 1 failed, today at 00:01 UTC
      The command did it in 12s.
      It failed by itself:
        the command exited with 3: no rain today
      It gave:
        broken

    ✗ Attempt 2 was rejected (the best one), today at 00:02 UTC
      Told what was wrong, the command did it again in 12s.
      The check rejected it, whatever it is like, because what it decides by was changed:
        tampered since the task was added: check.sh has changed
      It gave:
        rain

    It failed: its last result was rejected, and it gets no more attempts
    Next: orch retry task-001 gives it one more round, and keeps what was learned; orch show task-001 --result --any prints its best output
    "
  `);
});

test('a crash, a verdict that was not sure enough, a cancel', async () => {
  const told = await Told.of();
  const usage = { inputTokens: 1000, outputTokens: 0, possibleUsd: 0.25 };
  await told.attempt({ type: 'crashed', usage });
  await told.attempt(judged('Rain.', { passed: true, confidence: 0.6, feedback: 'May be a haiku.' }));
  await claimOne(told.store, RUN);
  told.clock.advance(5_000);
  await told.store.cancel([told.id]);
  told.clock.advance(86_400_000);
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    ✗ task-001 failed after 1 attempt
      Write a haiku about rain

      added       yesterday at 00:00 UTC
      used        2,000 tokens in, 300 out, cost unknown, at most $0.2500 more for answers that were lost

    · Attempt 1 was cut short, and does not count, yesterday at 00:01 UTC
      It took 12s.
      It used 1,000 tokens in, 0 out, cost unknown, at most $0.2500 more for answers that were lost.
      Its run died with it: a crash.

    ✗ Attempt 1, once more, was rejected, yesterday at 00:02 UTC
      claude-haiku-4-5 did it in 12s.
      It used 1,000 tokens in, 300 out, $0.0050.
      The judge (claude-sonnet-5-5) passed it, 60 % sure, which is less than the run asked for, so that it counts as rejected:
        passed with confidence 0.6, below the minimum of 0.7: May be a haiku.
      It gave:
        Rain.

    · Attempt 2 was cut short, and does not count, yesterday at 00:03 UTC
      It took 5s.
      Somebody cancelled the task.

    It failed: somebody cancelled it
    Next: orch retry task-001 gives it one more round, and keeps what was learned; orch show task-001 --result --any prints its best output
    "
  `);
});

test('passed, found wrong by an audit, mended; each attempt has a name of its own', async () => {
  const told = await Told.of({ check: 'grep -q rain' });
  await told.attempt(checked('snow', { passed: true }));
  told.clock.advance(86_400_000);
  const verdict = { passed: false, confidence: 1, feedback: 'no rain in it', issues: [] };
  await told.store.reopen(told.id, 'snow', { verdict, evidence: [{ verifier: 'check', ...verdict }] });
  told.clock.advance(60_000);
  await told.attempt(checked('rain', { passed: true }));
  const story = await told.story();
  expect(story.match(/Attempt 1/g)).toHaveLength(1);
  expect(story).toMatchInlineSnapshot(`
    "
    ✓ task-001 is completed after 2 attempts
      Write a haiku about rain

      added       yesterday at 00:00 UTC
      check       grep -q rain

    ✓ Attempt 1 passed, yesterday at 00:01 UTC
      The command did it in 12s.
      The check passed it.

    ✗ Audit: the result that had passed no longer held, today at 00:02 UTC
      The check rejected it:
        no rain in it
      It gave:
        snow

    ✓ Attempt 2 passed, today at 00:03 UTC
      Told what was wrong, the command did it again in 12s.
      The check passed it.

    Result (verified, confidence 1):
    rain
    "
  `);
});

test('started over, then given one more round with feedback', async () => {
  const told = await Told.of();
  await told.attempt(checked('snow', { feedback: 'no rain in it' }), 1);
  await told.store.reset({ ids: [told.id] });
  expect(await told.story()).toContain('\nThen the task was started over.\n');
  await told.attempt(checked('hail', { feedback: 'still no rain' }), 1);
  await told.store.retry([told.id], 'Look out of the window\nbefore you write');
  expect(await told.story()).toContain('\nThen it was given one more round; its next attempt is told');
  await told.attempt(checked('rain', { passed: true }), 1);
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    ✓ task-001 is completed after 2 attempts
      Write a haiku about rain

      added       today at 00:00 UTC
      earlier     1 attempt before it was given one more round
      feedback    Look out of the window before you write

    ✗ Attempt 1 was rejected, today at 00:01 UTC
      The command did it in 12s.
      The check rejected it:
        no rain in it
      It gave:
        snow

    Then the task was started over.

    ✗ Attempt 1 was rejected, today at 00:02 UTC
      The command did it in 12s.
      The check rejected it:
        still no rain
      It gave:
        hail

    Then it was given one more round, and told:
        Look out of the window
        before you write

    ✓ Attempt 2 passed, today at 00:03 UTC
      The command did it in 12s.
      The check passed it.

    Result (verified, confidence 1):
    rain
    "
  `);
});

test('what nobody could judge is verified again, and not done again', async () => {
  const told = await Told.of();
  const reason = 'the check was killed by SIGKILL';
  await told.attempt({ type: 'unverifiable', reason, output: 'rain', metadata: { exitStatus: 0 } });
  expect(await told.story()).toContain(
    '\nIt failed: nobody could tell whether its result is right\nNext: orch retry task-001 gives it one more round, and keeps what was learned; orch show task-001 --result --any prints its best output\n',
  );
  await told.store.retry([told.id]);
  await told.attempt(checked('rain', { passed: true }));
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    ✓ task-001 is completed after 1 attempt
      Write a haiku about rain

      added       today at 00:00 UTC

    ? Attempt 1 could not be judged, today at 00:01 UTC
      The command did it in 12s.
      What verifies it could not tell whether it is right, so it is neither passed nor rejected:
        the check was killed by SIGKILL

    Then it was given one more round: what it gave was there already, and only verified again.

    ✓ Attempt 1 passed, today at 00:01 UTC
      The check passed it.

    Result (verified, confidence 1):
    rain
    "
  `);
});

test('an output that waits for its verdict goes on with that, and is dropped when the task is edited', async () => {
  const told = await Told.of();
  const { lease, task } = await claimOne(told.store, RUN);
  told.clock.advance(12_000);
  await told.store.checkpoint(lease, { output: 'rain' });
  expect(await told.story()).toContain('  It is being verified.\n');
  await told.store.settle(lease, { status: 'pending', reason: 'aborted', attempt: {} });
  expect(task.history).toHaveLength(1);
  expect(await told.story()).toContain(
    '\n▶ Attempt 1 is done, and waits for its verdict, today at 00:01 UTC\n  run-1 did it.\n  The next run goes on with its verification, and does not do it again.\n',
  );
  await told.store.join(runInfo('run-2'));
  const again = await claimOne(told.store, 'run-2');
  expect(await told.story()).toContain('  run-2 goes on with its verification, and does not do it again.\n');
  await told.store.settle(again.lease, { status: 'pending', reason: 'aborted', attempt: {} });
  await told.store.edit(told.id, { description: 'Write a haiku about snow' });
  expect(await told.story()).toMatchInlineSnapshot(`
    "
    · task-001 is pending
      Write a haiku about snow

      added       today at 00:00 UTC

    · Attempt 1 was cut short, and does not count, today at 00:01 UTC
      Its output was there already when run-2 went on with its verification: it was not done again.
      It was given for another description: the task was edited, and the output dropped.
      It gave:
        rain
    "
  `);
});

test('a verdict that came in a later run says so', async () => {
  const told = await Told.of();
  const { lease } = await claimOne(told.store, RUN);
  await told.store.checkpoint(lease, { output: 'rain', metadata: { exitStatus: 0 } });
  await told.store.settle(lease, { status: 'pending', reason: 'aborted', attempt: {} });
  await told.store.leave(RUN);
  told.clock.advance(3_600_000);
  await told.store.join(runInfo('run-2'));
  const again = await claimOne(told.store, 'run-2');
  const outcome = checked('rain', { passed: true });
  const policy = { maxAttempts: 3, retry: true, minConfidence: 0.7 };
  await told.store.settle(again.lease, decide(again.task, outcome, policy));
  expect(await told.story()).toContain(
    [
      '✓ Attempt 1 passed, today at 00:01 UTC',
      '  The command did it.',
      '  Its output was there already when run-2 went on with its verification: it was not done again.',
      '  The check passed it.',
    ].join('\n'),
  );
});

test('long texts are cut, with how to see all of them', async () => {
  const told = await Told.of({ description: Array.from({ length: 30 }, (_, i) => `step ${i}`).join('\n') });
  const output = Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n');
  await told.attempt(checked(output, { feedback: 'x'.repeat(1000) }));
  await told.attempt(checked(output, { passed: true }), 3);
  const short = await told.story();
  expect(short).toContain('  step 19\n  … 10 more lines: orch show task-001 --full\n');
  expect(short).toContain('    line 9\n    … 40 more lines: orch show task-001 --full\n');
  expect(short).toContain(
    `    ${'x'.repeat(399)}…\n    … the rest of a long line: orch show task-001 --full\n`,
  );
  expect(short).toContain('\nline 39\n… 10 more lines: orch show task-001 --result\n');
  const full = await told.story(true);
  expect(full).toContain(`    ${'x'.repeat(1000)}\n`);
  expect(full).toContain('  step 29\n');
  expect(full).not.toContain('…');
});
