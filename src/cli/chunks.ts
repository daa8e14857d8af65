/** The first few come at once. */
const FIRST = 20;

/** Items by the chunk, each twice as large as the one before, up to so many: what a chunk costs besides is paid a few times only. */
export async function* chunksOf<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  let size = FIRST;
  for await (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
    size = Math.min(2 * size, most);
  }
  if (chunk.length > 0) yield chunk;
}
