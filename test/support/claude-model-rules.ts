/**
 * What the documentation says that each model refuses, written down apart from what orch thinks of it.
 * Sources: platform.claude.com/docs, "Models overview", "Effort", "Troubleshooting thinking", "Model deprecations", the pages on what is new
 * in each model; as of November 2026.
 */

type Json = Record<string, unknown>;

const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];
const RETIRED =
  /^claude-(?:2|instant|3-|sonnet-4-20250514|opus-4-20250514|opus-4-1|sonnet-4$|opus-4$|sonnet-4-0|opus-4-0)/;
const WITHOUT_EFFORT = /^claude-(?:haiku|sonnet)-4-5/;
const WITHOUT_XHIGH = /^claude-(?:opus-4-5|opus-4-6|sonnet-4-6|mythos-preview)/;
const WITHOUT_MAX = /^claude-opus-4-5/;

/** Tokens of an answer. */
const MOST_TOKENS = 128_000;
const MOST_TOKENS_OF: [RegExp, number][] = [[/^claude-\w+-4-5(?:-2025\d{4})?$/, 64_000]];

/** Types of thinking that are a 400, by model; the first that fits counts. */
const REFUSED_THINKING: [RegExp, string[]][] = [
  [/^claude-(?:fable-5|mythos-5|\w+-5-5)/, ['enabled', 'disabled']],
  [/^claude-mythos-preview/, ['disabled']],
  [/^claude-(?:\w+-5|opus-4-[78])/, ['enabled']],
  [/^claude-\w+-4-[15]/, ['adaptive']],
];

export function modelViolations(body: Json): string[] {
  const model = String(body.model);
  const { effort } = (body.output_config ?? {}) as Json;
  return [
    ...(RETIRED.test(model) ? [`model ${model} is retired`] : []),
    ...tokenViolations(model, Number(body.max_tokens)),
    ...(effort === undefined ? [] : effortViolations(model, String(effort))),
    ...(body.thinking === undefined ? [] : thinkingViolations(model, body.thinking as Json, String(effort))),
  ];
}

export function mostTokensOf(model: string): number {
  return MOST_TOKENS_OF.find(([models]) => models.test(model))?.[1] ?? MOST_TOKENS;
}

function tokenViolations(model: string, maxTokens: number): string[] {
  const most = mostTokensOf(model);
  return maxTokens > most ? [`max_tokens: ${maxTokens} > ${most}`] : [];
}

function effortViolations(model: string, effort: string): string[] {
  if (!EFFORTS.includes(effort)) return [`no such effort: ${effort}`];
  const refused =
    WITHOUT_EFFORT.test(model) ||
    (effort === 'xhigh' && WITHOUT_XHIGH.test(model)) ||
    (effort === 'max' && WITHOUT_MAX.test(model));
  return refused ? [`${model} does not take effort ${effort}`] : [];
}

function thinkingViolations(model: string, { type }: Json, effort: string): string[] {
  const refused = REFUSED_THINKING.find(([models]) => models.test(model))?.[1] ?? [];
  const tooHard = type === 'disabled' && /^claude-opus-5/.test(model) && /^(?:xhigh|max)$/.test(effort);
  const unknown = type === 'between_tools' && !/^claude-sonnet-5-5/.test(model);
  return refused.includes(String(type)) || tooHard || unknown
    ? [`thinking.type.${type} is not supported`]
    : [];
}
