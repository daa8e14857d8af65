import { type FencedBlock, fencedBlocks } from './fenced-blocks.ts';

/**
 * The JSON in a result: all of it, or else what is in its one fenced block that says that it is JSON (```json), whatever stands around
 * it. A block that says nothing counts where nothing stands around it.
 * @throws what is wrong with it: it has none, or several.
 */
export function jsonOf(result: string): unknown {
  try {
    return JSON.parse(result);
  } catch (error) {
    const [block, ...others] = jsonBlocks(result);
    if (!block) throw error;
    if (others.length > 0)
      throw new Error(`there are ${others.length + 1} fenced blocks of JSON in it; give one`);
    return JSON.parse(block.text);
  }
}

function jsonBlocks(result: string): FencedBlock[] {
  const blocks = fencedBlocks(result);
  const [first] = blocks;
  if (first?.isAll && first.label === '') return [first];
  return blocks.filter(({ label }) => label === 'json');
}
