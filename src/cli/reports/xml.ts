type Attributes = Record<string, string | number | undefined>;

/**
 * An element with its attributes, of which undefined ones are left out.
 * @param content a text, or lines that are XML already.
 * @returns its lines; a text stays in one, with its line breaks.
 */
export function element(
  name: string,
  attributes: Attributes,
  content: string | readonly string[] = [],
): string[] {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeAttribute(String(value))}"`],
  );
  const start = `<${name}${written.join('')}`;
  if (content.length === 0) return [`${start}/>`];
  if (typeof content === 'string') return [`${start}>${escapeText(content)}</${name}>`];
  return [`${start}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}

// What XML 1.0 has no way to write; of lone surrogates, writing the file makes the same.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const MARKUP: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

function escapeText(text: string): string {
  return text.replace(ILLEGAL, '\ufffd').replace(/[&<>\r]/g, (character) => MARKUP[character] ?? '');
}

/** Line breaks as numbers: a reader takes plain ones in an attribute for blanks. */
function escapeAttribute(text: string): string {
  return escapeText(text).replace(/["\t\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
