/** A command line up to the cursor, as a shell would take it apart. Variables and substitutions stay as they are written. */
export interface ShellLine {
  /** Without their quotes; the last one is that under the cursor, and empty where none has begun. */
  words: string[];
  /** The quote that is still open at the cursor. */
  quote: '"' | "'" | '';
  /** Characters of the last word that stand before an open quote, or else before the last break in it: bash replaces only what comes behind. */
  keeps: number;
}

/** @param breaks characters that end what the shell replaces, where they are not quoted: `COMP_WORDBREAKS` of bash. */
export function shellLine(text: string, breaks = ''): ShellLine {
  const line: ShellLine = { words: [], quote: '', keeps: 0 };
  let word: string | undefined;
  let isEscaped = false;
  /** Characters of the word before its last quote. */
  let opened = 0;
  for (const character of text) {
    const isQuote = character === '"' || character === "'";
    if (isEscaped) {
      // Within double quotes a backslash stands for itself before all but these.
      word = (word ?? '') + (line.quote && !'"\\$`'.includes(character) ? `\\${character}` : character);
      isEscaped = false;
    } else if (character === '\\' && line.quote !== "'") {
      isEscaped = true;
    } else if (line.quote !== '') {
      if (character === line.quote) line.quote = '';
      else word = (word ?? '') + character;
    } else if (isQuote) {
      line.quote = character;
      word ??= '';
      opened = word.length;
    } else if (/\s/.test(character)) {
      if (word !== undefined) line.words.push(word);
      word = undefined;
      line.keeps = 0;
    } else {
      word = (word ?? '') + character;
      if (breaks.includes(character)) line.keeps = word.length;
    }
  }
  if (line.quote !== '') line.keeps = opened;
  return { ...line, words: [...line.words, word ?? ''] };
}

/** As it has to be typed to mean itself, behind a quote that is open. */
export function quotedFor(quote: ShellLine['quote'], text: string): string {
  if (quote === "'") return text.replaceAll("'", "'\\''");
  return quote === '"' ? text.replace(/["\\$`]/g, '\\$&') : text.replace(/[^\w./,:=@%+-]/g, '\\$&');
}
