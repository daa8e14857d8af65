import { describe, expect, test, vi } from 'vitest';
import { createModelLookUp } from '../../src/claude/look-up-model.ts';
import {
  apiError,
  badJson,
  cutBody,
  hangUp,
  htmlPage,
  internalError,
  json,
  modelInfo,
  noSuchModel,
  overloaded,
  type Reply,
  rateLimited,
  silence,
  tokenCount,
  unauthorized,
} from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';

const server = useFaultServer();
const MODEL = 'claude-sonnet-5-5';

/** @param count what a count of tokens is replied; default: the same. */
const lookUp = (reply?: Reply, timeoutMs = 10_000, count = reply) => {
  if (reply) server().handleModels(() => reply);
  if (count) server().handleCounts(() => count);
  return createModelLookUp(timeoutMs)(MODEL);
};

describe('a model', () => {
  test('is known, with what the API says of it', async () => {
    const parts = { lifecycle: 'deprecated', retires_at: '2026-11-30T00:00:00Z', max_tokens: 64_000 };
    expect(await lookUp(modelInfo(MODEL, parts))).toEqual({
      facts: {
        lifecycle: 'deprecated',
        retiresAt: '2026-11-30T00:00:00.000Z',
        maxTokens: 64_000,
        structuredOutputs: true,
      },
    });
    expect(server().lookUps).toEqual([MODEL]);
    expect(server().requests).toEqual([]);
  });

  test('is known where a proxy says no more than that', async () => {
    const openAi = { lifecycle: undefined, capabilities: null, max_tokens: null, retires_at: undefined };
    expect(await lookUp(modelInfo(MODEL, openAi))).toEqual({ facts: {} });
  });

  test.each<[string, Record<string, unknown>]>([
    ['no tokens', { max_tokens: 0 }],
    ['less than no tokens', { max_tokens: -1 }],
    ['tokens without number', { max_tokens: '64000' }],
    ['a date that is none', { retires_at: '\u001b[2Jsoon' }],
    ['a date of another kind', { retires_at: 7 }],
    ['a life of another kind', { lifecycle: 'undead' }],
    ['capabilities of another kind', { capabilities: 'all' }],
  ])('is known, without what is odd: %s', async (_, odd) => {
    const bare = { lifecycle: undefined, capabilities: null, max_tokens: null, retires_at: undefined };
    expect(await lookUp(modelInfo(MODEL, { ...bare, ...odd }))).toEqual({ facts: {} });
  });

  test('that the API does not know is refused', async () => {
    expect(await lookUp(noSuchModel(MODEL))).toMatchObject({ refused: 'model' });
  });

  test.each<[string, Reply]>([
    ['401', unauthorized()],
    ['403', apiError(403, 'permission_error', 'Not yours.')],
    [
      'an organization on hold',
      apiError(400, 'invalid_request_error', 'No.', { code: 'organization_on_hold' }),
    ],
  ])('cannot be used after %s, and no key is shown', async (_, reply) => {
    const finding = await lookUp(reply);
    expect(finding).toMatchObject({ refused: 'access' });
    expect(JSON.stringify(finding)).not.toContain(TEST_KEY);
  });

  test('cannot be used without credentials', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    expect(await lookUp()).toMatchObject({ refused: 'access' });
  });

  test('cannot be used at an address that is none', async () => {
    vi.stubEnv('ANTHROPIC_BASE_URL', 'nowhere');
    expect(await lookUp()).toMatchObject({ refused: 'access' });
  });

  test.each<[string, Reply]>([
    ['429', rateLimited()],
    ['500', internalError()],
    ['529', overloaded()],
    ['402', apiError(402, 'billing_error', 'Pay.')],
    ['a hang-up', hangUp()],
    ['a cut', cutBody()],
    ['bad JSON', badJson()],
    ["404 of a proxy's own", htmlPage(404)],
    ["401 of a proxy's own", htmlPage(401)],
    ["403 of a proxy's own", htmlPage(403)],
    ["400 of a proxy's own", htmlPage(400)],
    ['401 of an imitation', apiError(401, 'auth_error', 'No such route for your key')],
    ['403 of an imitation', apiError(403, 'forbidden', 'Not this route')],
    ['401 in another shape', json(401, { error: { type: 'authentication_error', message: 'Sign in.' } })],
    ['403 in another shape', json(403, { error: { type: 'permission_error', message: 'Not here.' } })],
    ['404 in another shape', json(404, { error: { type: 'not_found_error', message: MODEL } })],
    ['400 of a route that is unknown', apiError(400, 'invalid_request_error', 'model: no such route')],
    ['404 with the type of another status', apiError(404, 'permission_error', MODEL)],
    ['404 of a path', apiError(404, 'not_found_error', 'Not found')],
    ['404 of an imitation', apiError(404, 'not_found', 'Not found')],
    ['a page', htmlPage(200)],
    ['an answer to another question', json(200, { ok: true })],
  ])('may be there after %s', async (_, reply) => {
    const finding = await lookUp(reply);
    const { status: __, ...found } = finding as { unclear: string; status?: number };
    expect(found).toEqual({ unclear: expect.any(String) });
    expect(JSON.stringify(finding)).not.toContain(TEST_KEY);
    expect([server().lookUps, server().counted]).toMatchObject([[MODEL], [{ body: { model: MODEL } }]]);
    expect([server().requests, server().violations]).toEqual([[], []]);
  });

  describe('of which a look-up says nothing', () => {
    test('is there when its tokens are counted', async () => {
      expect(await lookUp(htmlPage(404), 10_000, tokenCount(8))).toEqual({ facts: {} });
    });

    test('is there when its tokens are counted, though the look-up stays silent', async () => {
      expect(await lookUp(silence(), 2_000, tokenCount(8))).toEqual({ facts: {} });
    });

    test.each<[string, Reply, 'model' | 'access']>([
      ['404', noSuchModel(MODEL), 'model'],
      ['401', unauthorized(), 'access'],
      ['403', apiError(403, 'permission_error', 'Not yours.'), 'access'],
    ])('is refused when the count of its tokens is, with %s', async (_, reply, refused) => {
      const finding = await lookUp(htmlPage(404), 10_000, reply);
      expect(finding).toMatchObject({ refused });
      expect(JSON.stringify(finding)).not.toContain(TEST_KEY);
    });

    test('is what the look-up left open when the count says nothing either', async () => {
      expect(await lookUp(internalError(), 10_000, htmlPage(404))).toEqual({
        unclear: expect.stringContaining('Internal server error'),
        status: 500,
      });
    });
  });

  test('that was looked up has no tokens counted', async () => {
    await lookUp(modelInfo(MODEL));
    await lookUp(noSuchModel(MODEL));
    expect(server().counted).toEqual([]);
  });

  test('may be there where nothing answers in time', async () => {
    expect(await lookUp(silence(), 100)).toEqual({ unclear: expect.any(String) });
  });

  test('may be there where no token comes in time', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    vi.stubEnv('ANTHROPIC_FEDERATION_RULE_ID', 'rule');
    vi.stubEnv('ANTHROPIC_ORGANIZATION_ID', 'organization');
    vi.stubEnv('ANTHROPIC_IDENTITY_TOKEN', 'identity-0000');
    server().handleToken(silence());
    expect(await lookUp(undefined, 100)).toEqual({ unclear: expect.any(String) });
  });

  test('may be there where no server is', async () => {
    await server().close();
    expect(await lookUp()).toEqual({ unclear: expect.stringContaining('cannot reach the API') });
  });
});
