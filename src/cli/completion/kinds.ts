import { type Argument, Option } from 'commander';

/** What a value is, as far as a shell can be told what it may be. */
export type Kind = 'ids' | 'tags' | 'statuses' | 'models' | 'files' | 'folders' | 'commands';

/** Options and arguments say it by what stands for their value in the help: `--after <id>` takes an id. */
const BY_PLACEHOLDER: Record<string, Kind> = {
  id: 'ids',
  tag: 'tags',
  status: 'statuses',
  model: 'models',
  models: 'models',
  file: 'files',
  path: 'files',
  location: 'files',
  dir: 'folders',
  folder: 'folders',
};

export function kindOf(taker: Option | Argument): Kind | undefined {
  if (!(taker instanceof Option))
    return taker.name() === 'command' ? 'commands' : BY_PLACEHOLDER[taker.name()];
  const [, placeholder = ''] = /[<[]([^>\]]+?)(?:\.\.\.)?[>\]]/.exec(taker.flags) ?? [];
  return BY_PLACEHOLDER[placeholder];
}

/** The values that it takes, or that its parser suggests. */
export function choicesOf(taker: Option | Argument): readonly string[] {
  return suggestionsOf(taker) ?? suggestionsOf(taker.parseArg) ?? taker.argChoices ?? [];
}

function suggestionsOf(holder: object | undefined): readonly string[] | undefined {
  return (holder as { suggests?: readonly string[] } | undefined)?.suggests;
}
