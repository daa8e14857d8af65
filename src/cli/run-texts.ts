import { formatDuration } from '../model/duration.ts';
import type { Pool } from '../model/pool.ts';
import type { Gauge } from '../ports/safety-check.ts';
import type { LiveRun, StoppedRun } from '../ports/task-store.ts';
import { age, count, fullMinute, money, when } from './format.ts';
import type { RunPace } from './run-work.ts';
import { firstLine, oneLine } from './safe-text.ts';

/** What the runs that live may still spend. */
export function poolText({ spentUsd, reservedUsd, capUsd, unpriced }: Pool): string {
  const spent = `${money(spentUsd)}${unpriced ? ' and more, at prices that are not known,' : ''}`;
  const cap = capUsd === undefined ? '' : ` of ${money(capUsd)}`;
  const aside = reservedUsd > 0 ? `, ${money(reservedUsd)} set aside for calls under way` : '';
  return `These runs spent ${spent}${cap}${aside}`;
}

/** @param now milliseconds since the epoch. */
export function stopText({ kind, message, resumeAt, run, at }: StoppedRun, now: number): string {
  const later = resumeAt ? `; try again after ${when(fullMinute(resumeAt), now)}` : '';
  return `The last run ended early (${kind}): ${firstLine(message)}${later} (${run}, ${when(at, now)})`;
}

/** @param now milliseconds since the epoch. */
export function runText(run: LiveRun, work: RunPace, now: number): string {
  const { id, startedAt, told, safety } = run;
  // Before the rest, which a narrow terminal cuts.
  const word = toldText(told);
  const limits = safety ? safetyText(safety) : '';
  const does = workText(work);
  return `${oneLine(id)}  ${word && `${word}, `}${limits}${does && `${does}, `}${placeText(run)}, since ${when(startedAt, now)}`;
}

/** One that was told to go on is as one that was told nothing. */
export function toldText(told: LiveRun['told']): string {
  if (told === undefined || told === 'resume') return '';
  return told === 'trip' ? 'stopped with another run' : `told to ${told}`;
}

/** `holds 4, 12 a minute`; of an idle run nothing. */
export function workText({ held, perMinute }: RunPace): string {
  const rate = perMinute > 0 ? `${perMinute.toLocaleString('en')} a minute` : '';
  return [held > 0 ? `holds ${held}` : '', rate].filter((text) => text !== '').join(', ');
}

/** `pid 12 on host-a, orch 0.1.0` */
export function placeText({ pid, host, version }: LiveRun): string {
  return `pid ${pid} on ${oneLine(host)}${version === undefined ? '' : `, orch ${oneLine(version)}`}`;
}

function safetyText({ near, leftOut, tripped }: NonNullable<LiveRun['safety']>): string {
  if (tripped !== undefined) return `stopped by a safety check (${oneLine(tripped)}), `;
  const left = leftOut ? `leaves ${count(leftOut.count, 'task')} (${oneLine(leftOut.reason)}), ` : '';
  return left + near.map((gauge) => `${oneLine(gaugeText(gauge))}, `).join('');
}

function gaugeText({ what, used, limit, unit }: Gauge): string {
  if (unit === 'ms') return `${what}: ${age(used)} of ${formatDuration(limit)}`;
  if (unit === 'share') return `${what}: ${Math.round(used * 100)} of ${Math.round(limit * 100)} %`;
  if (unit === 'usd') return `${what}: ${money(used)} of ${money(limit)}`;
  return `${what}: ${used} of ${limit}`;
}
