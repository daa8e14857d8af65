import { EXIT, SIGNAL_EXIT, type StopSignal } from '../exit-codes.ts';

/** What the references say beside what the parser knows. */

/** A term, and what it means. */
export type Entry = readonly [term: string, text: string];

const MEANINGS: Record<keyof typeof EXIT | StopSignal, string> = {
  ok: 'all done, or nothing to do',
  failed:
    'a task that was worked on failed, or one is blocked for good: by a failed task, or in a circle; wait: one that it waits for failed, is blocked for good, or is gone; audit: a result no longer holds, or could not be told; selftest: a promise was broken; show --result: there is none; standard output, or the file of --junit or --summary, could not be written',
  usage:
    'wrong usage or configuration, credentials included; doctor: a problem of these, of a model, of Node or of the temporary folder',
  safety: 'a safety check stopped the run',
  store:
    'the store cannot be used, or vanished in use; doctor: a problem of the store, its disk or its locks',
  defect: 'a defect of orch',
  timeout: 'wait: the time of --timeout was over before all had ended',
  unavailable:
    'the service will not serve us for now: try later; doctor: the API cannot be reached, or does not work for now',
  SIGHUP: 'stopped by SIGHUP',
  SIGINT: 'stopped by SIGINT; watch ends with 0 then',
  SIGTERM: 'stopped by SIGTERM',
};

export const EXIT_STATUS: readonly Entry[] = Object.entries({ ...EXIT, ...SIGNAL_EXIT })
  .sort(([, one], [, other]) => one - other)
  .map(([name, code]) => [String(code), MEANINGS[name as keyof typeof MEANINGS]]);

export const ENVIRONMENT: readonly Entry[] = [
  ['ORCH_STORE', 'the store, where --store does not say it'],
  ['ORCH_CONFIG', 'the config file, where --config does not say it'],
  [
    'ORCH_CONCURRENCY, ORCH_MAX_COST, ...',
    'each option of orch run that it shares with the config file, in capitals. A switch is on as 1 or true, off as 0 or false',
  ],
  ['ORCH_DEBUG', '1 shows where an error came from'],
  [
    'ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_PROFILE, ANTHROPIC_BASE_URL, ...',
    'credentials and place of the API, as the official client takes them',
  ],
  [
    'PGHOST, PGPORT, PGUSER, PGPASSWORD, PGSSLMODE, ...',
    'what a postgres:// URL leaves open, as libpq takes them',
  ],
  ['NO_COLOR, FORCE_COLOR', 'no colours, or colours also where there is no terminal; the first one wins'],
  ['CI, TERM', 'in a CI job, and on a dumb terminal, there are plain lines alone'],
  [
    'GITHUB_ACTIONS, GITHUB_STEP_SUMMARY',
    'failed tasks become annotations; the summary is appended to that file, unless --summary names another',
  ],
  ['VISUAL, EDITOR', 'in which orch edit shows a task'],
  ['XDG_STATE_HOME', 'holds orch/trusted-checks, the checks that may be run; default ~/.local/state'],
];

export const FILES: readonly Entry[] = [
  ['tasks.json', 'the store, where nothing else is said: readable, to be edited and committed'],
  ['tasks.json.journal', 'the changes since tasks.json was written'],
  ['tasks.json.lock, tasks.json.run-<id>.lock', 'locks of whoever writes, and of each run that lives'],
  ['orch.config.json', 'the config file, where it exists'],
];
