import { randomBytes } from 'node:crypto';

/** Makes names that nobody can guess: 128 random bits, in hex. */
export function randomName(): string {
  return randomBytes(16).toString('hex');
}

export interface FencedText {
  /** What it is, as the prompt calls it: `task`, `result`. */
  label: string;
  text: string;
}

/**
 * Puts each text, as it is, between an opening and a closing tag. All tags carry one name, which is made anew for each
 * prompt and occurs in none of the texts, so that nothing in a text can close its fence or open another.
 */
export function fence(texts: FencedText[], newName: () => string = randomName): string {
  let name = newName();
  while (texts.some(({ text }) => text.includes(name))) name = newName();
  return texts.map(({ label, text }) => `<${label}-${name}>\n${text}\n</${label}-${name}>`).join('\n\n');
}
