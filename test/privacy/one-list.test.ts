import { expect, it } from 'vitest'
import { openLog } from '#kernel/log.ts'
import { isPersonalName, personalKind } from '#kernel/mask.ts'
import { PARTNER_EVENTS, schemaOfPartnerEvent } from '#schema/partner-events.ts'
import { difference } from '#service/audit.ts'
import { HUB_FIELDS } from '#subgraphs/customers/domain/hub-fields.ts'
import { PERSONAL_MAP } from '#subgraphs/customers/domain/personal-map.ts'
import { isPersonalField } from '#subgraphs/inventory/domain/seeing.ts'

it('knows of a field by its type, of a name that means the same wherever it stands also without one, however it is written', () => {
  expect(personalKind('firstName', 'Contact')).toBe('name')
  expect(personalKind('name', 'Trunk')).toBeUndefined()
  expect(personalKind('name')).toBe('name')
  for (const name of [
    'email',
    'firstname',
    'first_name',
    'lastName',
    'accessToken',
    'refresh_token',
    'secret',
  ])
    expect(isPersonalName(name), name).toBe(true)
  for (const name of ['name', 'reason', 'subject', 'orgId', 'after', 'number', 'label'])
    expect(isPersonalName(name), name).toBe(false)
})

it('log and audit leave out what the schema marks, at any depth and in what a log is bound to', () => {
  const lines: string[] = []
  const log = openLog('test', 'info', { write: (line) => lines.push(line) }).child({ cnam: 'Vogelcanary' })
  log.info({ a: { b: [{ c: { Postal_Code: 'Vogelcanary' } }] }, orgId: 'stays' }, 'said')
  expect(lines.join()).not.toContain('canary')
  expect(lines.join()).toContain('stays')
  expect(difference('Rfq', {}, { buyer: 'Vogel', note: 'of Vogel', dueAt: 'x' })).toEqual({
    buyer: [null, '[name]'],
    dueAt: [null, 'x'],
    note: [null, '[text]'],
  })
})

it('exporting and erasing know a column that is called like a marked field as somebody’s, and so does what is mapped', () => {
  const free = Object.entries(PERSONAL_MAP).flatMap(([table, { free = [] }]) =>
    free.filter(isPersonalName).map((column) => `${table}.${column}`),
  )
  // Keyed marks of companies’ switchboards, and no numbers.
  expect(free).toEqual(['customers.identities.phones'])
  const unmarked = Object.entries(HUB_FIELDS).flatMap(([type, fields]) =>
    Object.entries(fields)
      .filter(([name, { personal }]) => isPersonalName(name) && !personal)
      .map(([name]) => `${type}.${name}`),
  )
  expect(unmarked).toEqual([])
  expect(['buyer', 'note', 'dueAt'].map((field) => isPersonalField('rfqs', field))).toEqual([
    true,
    true,
    false,
  ])
})

it('no event that partners’ webhooks are told has a field that means personal data', () => {
  const names = new Set<string>()
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties') for (const name of Object.keys(value)) names.add(name)
      collect(value)
    }
  }
  for (const event of PARTNER_EVENTS) collect(schemaOfPartnerEvent(event))
  expect(names.size).toBeGreaterThan(20)
  expect([...names].filter(isPersonalName)).toEqual([])
})
