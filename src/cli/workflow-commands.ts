// GitHub Actions takes lines of a job's log that begin with `::` for commands to itself, and `##[` anywhere in a line. A task's text
// must not give any. What breaks them up is a space without width: whoever reads the log sees the text as it was.

const BREAK = '\u200b';

/** Whether what is printed goes to the log of such a job. */
export function isInActions(env: NodeJS.ProcessEnv): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/** A text for people, as the log takes it for a text. */
export function withoutCommands(text: string): string {
  if (!text.includes('::') && !text.includes('##[')) return text;
  return text.replace(/^(\s*:)(?=:)/gm, `$1${BREAK}`).replaceAll('##[', `##${BREAK}[`);
}

/** JSON that means the same, as the log takes it for a text. */
export function jsonWithoutCommands(json: string): string {
  return json.replaceAll('##[', '##\\u005b');
}
