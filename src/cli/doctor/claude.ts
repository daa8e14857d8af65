import { findCredentials } from '../../claude/credentials.ts';
import { createModelLookUp, type ModelFinding } from '../../claude/look-up-model.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type Fitness, fitness } from '../run/model-fitness.ts';
import { askAll, type ModelUse, modelUses } from '../run/model-uses.ts';
import { needsClaude } from '../run/parts.ts';
import type { RunSettings } from '../run-options.ts';
import { type DoctorOptions, type Finding, fine, remarkable, wrong } from './finding.ts';
import { settingsHere } from './settings.ts';

/** Milliseconds that the API may take to say what it knows of a model. */
const TIMEOUT_MS = 5_000;

const SHOWN: Record<Fitness['grade'], (check: string, text: string) => Finding> = {
  fine,
  note: remarkable,
  wrong,
};

/** Whether Claude can be asked: credentials, the API, and the models that a run would use. No credential is shown. */
export async function claude(context: Context, { offline = false }: DoctorOptions): Promise<Finding[]> {
  const settings = settingsHere(context) ?? {};
  const source = findCredentials(context.env);
  if (!source) return [withoutCredentials(settings), ...notAsked(': there are no credentials to ask with')];
  const credentials = fine('key', `from ${source.description}`, { source: source.kind });
  if (offline) return [credentials, ...notAsked(', because of --offline')];
  const uses = modelUses({ ...settings, exec: undefined, simulate: undefined });
  const findings = await askAll(uses, createModelLookUp(TIMEOUT_MS));
  return [
    credentials,
    api(findings.map(([, finding]) => finding)),
    ...findings.flatMap(([use, finding]) => model(use, finding, settings)),
  ];
}

function withoutCredentials(settings: RunSettings): Finding {
  const isNeeded = needsClaude(settings);
  const way = isNeeded
    ? 'set ANTHROPIC_API_KEY, or have tasks done by a command with --exec, which needs none'
    : 'the tasks are done by a command here, which needs none';
  return remarkable('key', `no credentials for Claude were found; ${way}`);
}

function notAsked(why: string): Finding[] {
  return [remarkable('api', `not asked${why}`), remarkable('model', `not looked up${why}`)];
}

function api(findings: ModelFinding[]): Finding {
  for (const finding of findings) {
    if ('refused' in finding && finding.refused === 'access') {
      return wrong(
        'api',
        `every call would be refused: ${finding.message}; set other credentials, or correct ANTHROPIC_BASE_URL`,
      );
    }
  }
  const answered = findings.some((finding) => !('unclear' in finding) || finding.status !== undefined);
  const unclear = findings.find((finding) => 'unclear' in finding);
  if (!answered && unclear) {
    const way =
      'see whether network, proxy (HTTPS_PROXY) and ANTHROPIC_BASE_URL are right, or leave it out with --offline';
    return wrong('api', `cannot be reached: ${unclear.unclear}; ${way}`, EXIT.unavailable);
  }
  if (unclear?.status !== undefined && unclear.status >= 500) {
    return wrong(
      'api',
      `reachable, but it does not work for now: ${unclear.unclear}; try later`,
      EXIT.unavailable,
    );
  }
  return fine('api', 'reachable');
}

function model(use: ModelUse, finding: ModelFinding, settings: RunSettings): Finding[] {
  if ('unclear' in finding) {
    // What keeps it from being told is said of the API.
    if (finding.status === undefined) return [];
    const said = `The model ${use.model} (${use.option}) could not be looked up: ${finding.unclear}`;
    return [remarkable('model', said)];
  }
  const found = fitness(use, finding, settings);
  return found ? [SHOWN[found.grade]('model', found.text)] : [];
}
