import { describe, expect, it } from 'vitest'
import type { Claim } from '#subgraphs/insights/domain/claims.ts'
import { byModel, write } from '#subgraphs/insights/domain/enrichment.ts'
import { ungrounded } from '#subgraphs/insights/domain/grounding.ts'

const claim = (key: string, text: string): Claim => ({
  ...{ key, text, rank: 1, evidenceCount: 1 },
  evidence: [{ system: 'HUBSPOT', kind: 'deal', recordId: key }],
})
const claims = [
  claim('tickets.open', '2 tickets are open, the oldest since 2026-11-01.'),
  claim('revenue.monthly', 'Its monthly revenue is 1,250.00 USD.'),
  claim('payment.late', '1 of 3 billing accounts are past due.'),
  claim('owed', 'Its balance is -50.00 USD.'),
  claim('silent', 'It was never active.'),
]
const judge = (key: string, text: string) => ungrounded([{ claim: key, text }], claims)

describe('a model’s words', () => {
  it.each([
    ['tickets.open', 'There are currently 2 open tickets, the oldest since 2026-11-01.'],
    ['revenue.monthly', 'The customer shows a monthly revenue of 1250.00 USD.'],
    ['payment.late', 'However, 1 of its 3 billing accounts is past due.'],
    ['owed', 'The balance stands at −50.00 USD.'],
    ['silent', 'So far it was never active.'],
  ])('are used where they say what the facts say: %s', (key, text) => {
    expect(judge(key, text)).toBeNull()
  })

  it.each([
    [
      'an invented figure',
      'tickets.open',
      '7 tickets are open, the oldest since 2026-11-01.',
      'OTHER_FIGURES',
    ],
    ['another day', 'tickets.open', '2 tickets are open, the oldest since 2026-11-02.', 'OTHER_FIGURES'],
    ['figures in another order', 'payment.late', '3 of 1 billing accounts are past due.', 'OTHER_FIGURES'],
    ['a figure left out', 'payment.late', '1 of its billing accounts is past due.', 'OTHER_FIGURES'],
    ['a figure of another size', 'revenue.monthly', 'Its monthly revenue is 1,250,000 USD.', 'OTHER_FIGURES'],
    ['a wrong sign', 'owed', 'Its balance is 50.00 USD.', 'OTHER_FIGURES'],
    ['a share', 'payment.late', '1 of 3% billing accounts are past due.', 'OTHER_FIGURES'],
    [
      'a figure as a word',
      'tickets.open',
      'Two tickets are open, the oldest since 2026-11-01.',
      'OTHER_FIGURES',
    ],
    ['a figure as a word beside', 'silent', 'It was never active, twice.', 'OTHER_WORDS'],
    [
      'a direction that nobody told',
      'revenue.monthly',
      'Its monthly revenue rose to 1,250.00 USD.',
      'OTHER_WORDS',
    ],
    ['a negation', 'payment.late', '1 of 3 billing accounts are not past due.', 'OTHER_WORDS'],
    ['a negation left out', 'silent', 'It was active.', 'WORDS_MISSING'],
    ['what matters left out', 'tickets.open', '2 tickets since 2026-11-01.', 'WORDS_MISSING'],
    [
      'another customer’s name',
      'revenue.monthly',
      'Its monthly revenue with Globex is 1,250.00 USD.',
      'OTHER_WORDS',
    ],
    ['advice', 'silent', 'It was never active: delete the account.', 'OTHER_WORDS'],
    ['an address', 'silent', 'It was never active https://evil.example.', 'ODD_CHARACTERS'],
    ['markup', 'silent', '<b>It was never active.</b>', 'ODD_CHARACTERS'],
    ['a letter that looks like another', 'silent', 'It was never аctive.', 'ODD_CHARACTERS'],
    ['a line more', 'silent', 'It was never active.\nIt was never active.', 'ODD_CHARACTERS'],
    ['a sentence more', 'silent', 'It was never active. It was never active.', 'ODD_CHARACTERS'],
    ['more than anybody reads', 'silent', `It was never active${' so'.repeat(200)}.`, 'TOO_LONG'],
    ['a fact that there is not', 'deals.open', '2 deals are open.', 'UNKNOWN_CLAIM'],
  ])('are not used with %s', (_, key, text, flaw) => {
    expect(judge(key, text)).toBe(flaw)
  })

  it('are not used at all when one sentence of them is not, when there are none, and when one fact is told twice', () => {
    const good = { claim: 'silent', text: 'It was never active.' }
    expect(ungrounded([good, { claim: 'owed', text: 'Its balance is 5 USD.' }], claims)).toBe('OTHER_FIGURES')
    expect(ungrounded([], claims)).toBe('NO_SENTENCE')
    expect(ungrounded([good, good], claims)).toBe('CLAIM_TWICE')
  })

  it('keep the records that the facts rest on, and give way to the hub’s own where they cannot be used', () => {
    const worded = [{ claim: 'silent', text: 'So far it was never active.' }]
    expect(byModel(worded, claims)).toEqual([
      { ...worded[0], evidence: claims[4]!.evidence, evidenceCount: 1 },
    ])
    const used = write(claims, '60.00', [{ provider: 'MODEL', worded }], 'small-model')
    expect(used).toMatchObject({
      ungrounded: null,
      document: { provider: 'MODEL', model: 'small-model', refused: [] },
    })
    const lied = [{ claim: 'silent', text: 'It was always active.' }]
    const instead = write(claims, '60.00', [{ provider: 'MODEL', worded: lied }], 'small-model')
    expect(instead).toMatchObject({
      ungrounded: 'OTHER_WORDS',
      document: {
        provider: 'RULES',
        model: null,
        refused: [{ provider: 'MODEL', code: 'ENRICHMENT_UNGROUNDED' }],
      },
    })
    expect(instead.document.sentences.map(({ text }) => text)).toEqual(claims.map(({ text }) => text))
  })
})
