export type Paint = Record<'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold', (text: string) => string>;

export interface Stream {
  isTTY?: boolean;
  columns?: number;
}

/** A non-empty NO_COLOR wins over FORCE_COLOR, both over the terminal. */
export function wantsColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isInteractive(stream, env);
}

/** Whether a person watches: a terminal that is neither a CI job's nor a dumb one. */
export function isInteractive(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !isJob(env) && env.TERM !== 'dumb';
}

/** What services set that do not set CI; Jenkins sets both of its variables in a job, and people have one of them. */
const JOBS = [
  ['GITHUB_ACTIONS'],
  ['GITLAB_CI'],
  ['TF_BUILD'],
  ['TEAMCITY_VERSION'],
  ['JENKINS_URL', 'BUILD_ID'],
];

/** Whether this is a job of a CI service, some of which give their jobs a terminal. */
function isJob(env: NodeJS.ProcessEnv): boolean {
  if (env.CI) return env.CI !== 'false' && env.CI !== '0';
  return JOBS.some((names) => names.every((name) => env[name]));
}

/** The same, and lines can stand at its foot. A terminal that says it is 0 columns wide (a bare pty) has nobody before it. */
export function isWatched(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  return isInteractive(stream, env) && (stream.columns ?? 0) > 0;
}

/** Columns of the terminal; `Infinity` where there is none. */
export function columnsOf(stream: Stream): number {
  return stream.isTTY ? stream.columns || 80 : Infinity;
}

const asIs = (text: string) => text;
const PLAIN: Paint = { green: asIs, red: asIs, yellow: asIs, cyan: asIs, dim: asIs, bold: asIs };

export async function paint(colour: boolean): Promise<Paint> {
  if (!colour) return PLAIN;
  const { Chalk } = await import('chalk');
  return new Chalk({ level: 1 });
}
