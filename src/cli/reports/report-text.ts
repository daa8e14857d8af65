import { firstBytes } from '../../process/bounded.ts';
import { redacted } from '../output.ts';
import { safeText } from '../safe-text.ts';

const CUT = '… (cut)';

/**
 * What a report shows of a task's text: at most so many bytes of it, without credentials and control characters.
 * @param maxBytes default: 4 KiB, enough for a reason.
 */
export function reportText(text: string, maxBytes = 4 << 10): string {
  // Redacted before it is cut, so that no part of a credential stays. What goes as a control character takes room too, hence the factor.
  const shown = safeText(redacted(text).slice(0, maxBytes * 4)).toWellFormed();
  // No character takes more than 3 bytes for each of its UTF-16 units.
  if (shown.length * 3 <= maxBytes) return shown;
  const bytes = Buffer.from(shown);
  return bytes.length <= maxBytes ? shown : firstBytes(bytes, maxBytes) + CUT;
}
