import { describe, expect, it } from 'vitest'
import { define } from '#kernel/errors.ts'
import { areaOf, isArea, openLog } from '#kernel/log.ts'
import { mentionedIn, withoutPersons, withoutSecrets, withoutValues } from '#kernel/mask.ts'

describe('cuts out of a text', () => {
  it.each([
    ['a card', 'paid by 4242 4242 4242 4242, thanks', 'paid by [card number], thanks'],
    ['a card with its date behind it', '4111-1111-1111-1111 12/27', '[card number] 12/27'],
    [
      'two cards in one run of digits',
      '5555 5555 5555 4444 6011 1111 1111 1117',
      '[card number] [card number]',
    ],
    ['a card with dots', 'is 4242.4242.4242.4242. And', 'is [card number]. And'],
    ['another card with dots', '3782.822463.10005', '[card number]'],
    ['a card digit by digit', 'by 4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2!', 'by [card number]!'],
    ['a card with spaces that do not break', '4242\u00a04242\u00a04242\u00a04242', '[card number]'],
    [
      'a card with dashes',
      '4242–4242–4242–4242 or 4242 - 4242 - 4242 - 4242',
      '[card number] or [card number]',
    ],
    ['a card in the address of a page', '?q=by%204242%204242%204242%204242%2C', '?q=by%20[card number]%2C'],
    [
      'a card with dashes in the address of a page',
      'q=4242%20%E2%80%93%204242%E2%80%9342424242',
      'q=[card number]',
    ],
    ['a card with dots in the address of a page', '?q=by%204242.4242.4242.4242', '?q=by%20[card number]'],
    ['a card in HTML', '<p>4242&nbsp;4242 4242<br/>4242</p>', '<p>[card number]</p>'],
    ['an undivided card in the address of a page', '?q=by%204242424242424242', '?q=by%20[card number]'],
    ['an API key in the address of a page', '?q=%20sk_live_51HabcDEF%20is', '?q=%20[key]%20is'],
    ['an API key behind another word', 'token_sk_live_51HabcDEF is', 'token_[key] is'],
    ['an API key', 'warp key sk_live_51HabcDEF is', 'warp key [key] is'],
    ['a HubSpot token', 'pat-eu1-12345678-aaaa-bbbb-cccc-1234567890ab', '[key]'],
    ['a signed token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl', '[key]'],
    ['a bearer header', 'authorization: Bearer CNiw3v-qMhIRAAEBQAAA', 'authorization: [key]'],
  ])('%s', (_, text, left) => expect(withoutSecrets(text)).toBe(left))
})

describe('leaves in a text', () => {
  it.each([
    ['a telephone number of many digits', '+49 151 2345 6789 012'],
    ['a number that only has a card’s length', 'order 4242424242424243'],
    ['words that end like a key begins', 'ask risk_live_updates and task_test_run'],
    ['a measure', '4.242424242424242 or 4242.4242.4242 or 1.4242.4242.4242.4242'],
    ['telephone numbers beside each other', '+1 303 555 0100, +1 303 555 0101 - +1 303 555 0102'],
    ['a moment in milliseconds', '1763600462123'],
    ['an id', '01940000-4242-4242-8242-424242424242'],
    ['an id with a card within', 'a4242424242424242'],
  ])('%s', (_, text) => expect(withoutSecrets(text)).toBe(text))
})

it('finds and cuts addresses and international numbers', () => {
  const text = 'Call Jo (jo.o’neil+x@mail.example.co.uk) at +1 (555) 010-0199 or 2026-11-21T08:00:00+00:00'
  expect(mentionedIn(text)).toEqual({ emails: ['neil+x@mail.example.co.uk'], phones: ['+1 (555) 010-0199'] })
  expect(withoutPersons(text)).toBe('Call Jo (jo.o’[email]) at [phone] or 2026-11-21T08:00:00+00:00')
})

it.each([
  [
    'Variable "$first" got invalid value "jo; sk"; Int cannot represent non-integer value: "jo; sk"',
    'Variable "$first" cannot be used; Int cannot represent non-integer value.',
  ],
  ['Value "jo" does not exist in "SyncMode" enum.', 'The value does not exist in "SyncMode" enum.'],
  ['Expected value of type "Int!", found "jo".', 'Expected value of type "Int!", found another.'],
  ['Cannot query field "nothing" on type "Query".', 'Cannot query field "nothing" on type "Query".'],
])('says what is wrong with a request without quoting it: %s', (said, shown) =>
  expect(withoutValues(said)).toBe(shown),
)

describe('a log', () => {
  const Known = define('TEST_KNOWN_WORDS', { status: 400, retry: 'never', says: 'Ours to say.' })
  const linesOf = (write: (log: ReturnType<typeof openLog>) => void): string[] => {
    const lines: string[] = []
    write(openLog('test', 'debug', { write: (line) => lines.push(line) }))
    return lines
  }

  it('cuts persons and secrets out of every field and text, at every level', () => {
    const lines = linesOf((log) => {
      log.debug({ deep: { at: ['jo@mail.example', 'x\nsk_live_secret1'] } }, 'from +1 555 010 0199')
      log.error({ email: 'jo', nested: { firstname: 'Jo' } }, 'a\ncard 4242424242424242')
    })
    // Without what the process is: its numbers may be any.
    const said = lines.map((line) => ({ ...JSON.parse(line), time: 0, pid: 0, hostname: '' }))
    expect(JSON.stringify(said)).not.toMatch(/jo@|sk_live|0199|4242|"jo"|Jo/i)
    expect(JSON.parse(lines[0]!)).toMatchObject({
      deep: { at: ['[email]', 'x\n[key]'] },
      msg: 'from [phone]',
    })
  })

  it('keeps our own errors’ words and not those of parsers and databases, which quote what they were given', () => {
    const quoting = (() => {
      try {
        return JSON.parse('Jo Miller says')
      } catch (error) {
        return error
      }
    })()
    const lines = linesOf((log) => {
      log.error({ err: quoting }, 'parser')
      log.error(
        { err: Object.assign(new Error('Key (name)=(Jo Miller)'), { severity: 'ERROR' }) },
        'database',
      )
      log.error({ err: Known.with({}, { cause: quoting }) }, 'ours')
    })
    expect(lines.join('')).not.toContain('Jo M')
    expect(JSON.parse(lines[2]!).err).toMatchObject({
      message: 'Ours to say.',
      cause: { type: 'SyntaxError' },
    })
  })
})

it('tells of details in the areas that are asked for, cut as every line is, and in no other', () => {
  const lines: string[] = []
  const written = (wanted: string[]) => {
    lines.length = 0
    const log = openLog('test', 'warn', { write: (line) => lines.push(line) }, wanted)
    const customers = areaOf(log, 'customers', { subgraph: 'customers' })
    for (const area of [
      customers,
      areaOf(customers, 'webhooks'),
      areaOf(customers, 'sync'),
      areaOf(log, 'gateway'),
    ])
      area.debug({ of: 'jo@mail.example', token: 'x' }, 'call +1 (555) 010-0199, key sk_live_51Habc')
    for (const line of lines) expect(line).not.toMatch(/jo@|010-0199|sk_live|"token":"x"/)
    return lines.map((line) => JSON.parse(line).area)
  }
  expect(written([])).toEqual([])
  expect(written(['customers:webhooks'])).toEqual(['customers:webhooks'])
  expect(written(['customers'])).toEqual(['customers'])
  expect(written(['customers:*'])).toEqual(['customers', 'customers:webhooks', 'customers:sync'])
  expect(written(['*:sync', 'gateway'])).toEqual(['customers:sync', 'gateway'])
  expect(written(['*'])).toHaveLength(4)
  // Plain text, never a pattern of its own.
  expect(['customers', 'customers:*', '*', '*:sync'].every(isArea)).toBe(true)
  expect(['', 'a b', '(x+)+', 'customers:', ':x', 'customers;x'].some(isArea)).toBe(false)
})
