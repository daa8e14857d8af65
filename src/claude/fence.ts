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
 * prompt and occurs in none of the texts, also not in a spelling that only looks like it: so nothing in a text can
 * close its fence or open another, and nothing in it has to be changed or taken out.
 */
export function fence(texts: FencedText[], newName: () => string = randomName): string {
  const name = freshName(
    texts.map(({ text }) => text),
    newName,
  );
  return texts.map((text) => fenced(text, name)).join('\n\n');
}

/** A name for fences that stands in none of these texts. */
export function freshName(texts: readonly string[], newName: () => string = randomName): string {
  const seen = texts.map(asSeen);
  let name = newName();
  while (seen.some((text) => text.includes(name))) name = newName();
  return name;
}

/** One text between its tags. @param name stands in no text of the prompt. */
export function fenced({ label, text }: FencedText, name: string): string {
  return `<${label}-${name}>\n${text}\n</${label}-${name}>`;
}

/**
 * What a reader makes of a text who overlooks width, capitals, and characters without a shape of their own: zero-width
 * ones, those that turn the direction of writing around, variation selectors, tag characters.
 */
function asSeen(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
    .toLowerCase();
}
