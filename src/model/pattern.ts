import { messageOf, OrchError } from './errors.ts';

const LITERAL = /^\/(.+)\/([a-z]*)$/s;

/** Those that say something of a single test. */
const FLAGS = /^[imsuv]*$/;

/**
 * A regular expression of JavaScript as a person writes it: `^\d+$`, or `/^yes$/im` where it has flags (`i`, `m`, `s`, `v`). It is
 * always Unicode-aware (`u`), in which a useless escape is an error.
 * @throws `usage`: it is none.
 */
export function patternOf(text: string): RegExp {
  const [, source = text, flags = ''] = LITERAL.exec(text) ?? [];
  try {
    if (!FLAGS.test(flags)) throw new Error(`unknown flags ${flags}, known are i, m, s, u and v`);
    return new RegExp(source, /[uv]/.test(flags) ? flags : `${flags}u`);
  } catch (error) {
    throw new OrchError(
      'usage',
      `${JSON.stringify(text)} is no regular expression (${messageOf(error)}); correct it`,
      { cause: error },
    );
  }
}
