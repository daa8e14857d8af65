import type { Usage } from '../../model/usage.ts';

/** How large a call is, as far as it is known before it is sent. */
export interface CallSize {
  /** Characters of all that is sent. */
  characters: number;
  /** Most tokens of its answer. */
  maxTokens: number;
}

/** What a call takes of each limit. */
export interface Amounts {
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

/** Weight of the newest answer in a running mean. */
const NEWEST = 0.1;

/** What is expected before anything was answered: English text has about 4 characters a token. */
const FIRST_TOKENS_A_CHARACTER = 0.25;
const FIRST_OUTPUT_TOKENS = 1_000;

/** No call takes more tokens; a server that says otherwise is not believed. */
const MOST_TOKENS = 1e9;

/** What calls of one model take, learned from what those before them took. */
export class Estimates {
  #tokensACharacter: number | undefined;
  #outputTokens: number | undefined;

  expected({ characters, maxTokens }: CallSize): Amounts {
    return {
      requests: 1,
      inputTokens: characters * (this.#tokensACharacter ?? FIRST_TOKENS_A_CHARACTER),
      outputTokens: Math.min(maxTokens, this.#outputTokens ?? FIRST_OUTPUT_TOKENS),
    };
  }

  learn({ characters }: CallSize, usage: Usage): void {
    const { inputTokens, outputTokens } = takenBy(usage);
    this.#outputTokens = mean(this.#outputTokens, outputTokens);
    if (characters > 0) this.#tokensACharacter = mean(this.#tokensACharacter, inputTokens / characters);
  }
}

/** What an answered call took. What is read from a cache does not count, what is written to it does. */
export function takenBy(usage: Usage): Amounts {
  const { inputTokens, cacheWriteTokens = 0, outputTokens } = usage;
  return {
    requests: 1,
    inputTokens: Math.min(inputTokens + cacheWriteTokens, MOST_TOKENS),
    outputTokens: Math.min(outputTokens, MOST_TOKENS),
  };
}

function mean(before: number | undefined, newest: number): number {
  return before === undefined ? newest : before + (newest - before) * NEWEST;
}
