import { Anthropic } from '@anthropic-ai/sdk';
import PQueue from 'p-queue';
import { print } from '../cases/figures.mjs';

// The SDK with its default retries, in p-queue. The tasks never run out; one that the SDK gives up is lost.
const { url, characters, queue: options } = JSON.parse(process.argv[2]);
const client = new Anthropic({ apiKey: 'sk-ant-bench-0000', baseURL: url });
const request = {
  model: 'claude-sonnet-5-5',
  max_tokens: 8192,
  messages: [{ role: 'user', content: 'word '.repeat(characters / 5) }],
};
const queue = new PQueue(options);
let lost = 0;
let isOver = false;
const feed = async () => {
  while (!isOver) {
    await queue.onSizeLessThan(200);
    void queue
      .add(() => client.messages.create(request))
      .catch(() => {
        lost += 1;
      });
  }
};
void feed();
const figures = await (await fetch(`${url}/end`)).json();
isOver = true;
print({ ...figures, lost });
process.exit();
