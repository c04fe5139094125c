import { describe, expect, it } from 'vitest'
import { englishSpan } from '#chat/language/english-times.ts'

const NOW = new Date('2026-11-18T10:00:00Z')

/** First and last moment of the span that a sentence names, as days in UTC, and the words that name it. */
const spanOf = (text: string) => {
  const span = englishSpan(text, { now: NOW, timeZone: 'UTC' })
  const day = (at: Date | null | undefined) => at?.toISOString().slice(0, 10) ?? null
  return (
    span && {
      days: [day(span.from), day(span.to)],
      words: text.slice(span.start, span.end),
      ...(span.ahead ? { ahead: [day(span.ahead.from), day(span.ahead.to)] } : {}),
    }
  )
}

describe('a span of time', () => {
  it.each([
    ['calls on 10 March 2026 by quarter hour', 'on 10 March 2026', '2026-03-10', '2026-03-11'],
    ['paid on the 1st of June 2026', 'on the 1st of June 2026', '2026-06-01', '2026-06-02'],
    ['usage of March 2026', 'of March 2026', '2026-03-01', '2026-04-01'],
    ['changed since 1 March 2026', 'since 1 March 2026', '2026-03-01', null],
    ['due before June 1, 2026', 'before June 1, 2026', null, '2026-06-01'],
    ['sold in 2026', 'in 2026', '2026-01-01', '2027-01-01'],
  ])('is a day, a month or a year: %s', (text, words, from, to) => {
    expect(spanOf(text)).toEqual({ days: [from, to], words })
  })

  it.each([
    ['risk from 1 January 2026 to 1 April 2026', '2026-01-01', '2026-04-01'],
    ['risk from 5 January 2026 to 1 April 2026', '2026-01-05', '2026-04-02'],
    ['moves from 2026-01-01 to 2026-02-01', '2026-01-01', '2026-02-01'],
    ['due between 1 Oct and 31 Dec 2026', '2026-10-01', '2027-01-01'],
    ['due between 20 Nov and 10 Jan 2027', '2026-11-20', '2027-01-11'],
    ['growth July 2025 – June 2026', '2025-07-01', '2026-07-01'],
    ['growth from March to May', '2026-03-01', '2026-06-01'],
  ])('goes from one to another: %s', (text, from, to) => {
    expect(spanOf(text)?.days).toEqual([from, to])
  })

  it('of so many days lies behind, or ahead where that is asked for', () => {
    expect(spanOf('most changed within 14 days')).toEqual({
      days: ['2026-11-04', '2026-11-18'],
      words: 'within 14 days',
      ahead: ['2026-11-18', '2026-12-02'],
    })
  })

  it('is not seen in a name or a number', () => {
    for (const text of ['show the deal March Media', 'trunk 2026', 'part 10-MAR-20'])
      expect(spanOf(text)).toBeUndefined()
  })
})
