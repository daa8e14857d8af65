/** A prompt as a reader takes it who knows one thing alone: the true name is that of the first tag. */
export interface Fenced {
  name: string;
  /** What stands between the tags of each label, to the byte. */
  inside: Record<string, string>;
  /** The labels, in order. */
  labels: string[];
  /** All that is left when fences are taken out: what a judge may take for words to itself. */
  outside: string;
}

const FIRST_TAG = /<[a-z-]+-([0-9a-f]{32})>\n/;

/** @throws where tags of the true name are not paired, or one comes twice. */
export function readFenced(prompt: string): Fenced {
  const name = FIRST_TAG.exec(prompt)?.[1];
  if (!name) throw new Error('there is no fence');
  const found: Fenced = { name, inside: {}, labels: [], outside: prompt };
  const pattern = new RegExp(`<([a-z-]+)-${name}>\\n([^]*?)\\n</\\1-${name}>`, 'g');
  for (const [whole, label = '', text = ''] of prompt.matchAll(pattern)) {
    if (label in found.inside) throw new Error(`there are two fences of ${label}`);
    found.inside[label] = text;
    found.labels.push(label);
    found.outside = found.outside.replace(whole, () => '');
  }
  const tags = prompt.split(name).length - 1;
  if (tags !== 2 * found.labels.length) throw new Error(`${tags} tags make ${found.labels.length} fences`);
  return found;
}
