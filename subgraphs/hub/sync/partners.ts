/** Everything of this process that reaches a partner goes through here. */
import { openPartners, type Partners, type PartnersOptions } from '#connectors/partner/index.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Sending, Sent } from '../domain/delivering.ts'

export type { Partners, PartnersOptions }
export { openPartners }

/** Posts a message, and says what came of it, whatever that is. @returns undefined when the signal aborts meanwhile: then nobody knows */
export const tell = async (
  partners: Partners,
  { to, message, at }: Sending,
  signal: AbortSignal,
): Promise<Sent | undefined> => {
  const from = performance.now()
  const ms = () => Math.round(performance.now() - from)
  try {
    const { status, text, retryAfterMs } = await partners.post(to, message, { at, signal })
    return { status, answer: text, error: null, ms: ms(), retryAfterMs }
  } catch (error) {
    if (signal.aborted) return undefined
    // Not its sentence: that of a system's error may quote addresses of machines inside.
    return {
      status: null,
      answer: '',
      error: isHubError(error) ? error.code : 'FAILED',
      ms: ms(),
      retryAfterMs: undefined,
    }
  }
}
