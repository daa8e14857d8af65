import { connect } from 'node:net';
import { expect, test } from 'vitest';

test('a test that reaches for another machine fails at once', async () => {
  expect(() => connect({ host: 'example.com', port: 443 })).toThrow('A test reached for example.com');
  expect(() => connect(443, '192.0.2.1')).toThrow('A test reached for 192.0.2.1');
  await expect(fetch('http://192.0.2.1/')).rejects.toThrow();
});
