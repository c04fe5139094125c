import { expect, it } from 'vitest'
import { unmade } from '#subgraphs/customers/domain/provisioning.ts'
import { scriptedPortal } from './scripted-portal.ts'

const property = (name: string) => ({
  ...{ name, label: name, description: '', groupName: 'companyinformation' },
  ...{ type: 'string' as const, fieldType: 'text', options: [] },
})
const names = ['warp_made', 'warp_there', 'warp_told', 'warp_full', 'warp_full_too']

it('says of each property that a portal did not make why, when only part of a batch is refused', async () => {
  const error = (category: string, message: string, context?: Record<string, string[]>) => ({
    status: 'error',
    category,
    message,
    ...(context ? { context } : {}),
  })
  await using portal = await scriptedPortal(() => ({
    status: 207,
    body: {
      results: [{ name: 'warp_made' }],
      errors: [
        error('VALIDATION_ERROR', 'The portal has no room for more properties'),
        error('OBJECT_ALREADY_EXISTS', 'It is there', { name: ['warp_there'] }),
        error('VALIDATION_ERROR', "The label of 'warp_told' is in use by jo@example.com"),
      ],
    },
  }))
  const failed = await portal.open().createProperties('companies', names.map(property))
  expect(failed.map((each) => [each.name, unmade(each).message])).toEqual([
    ['warp_there', 'HubSpot did not make warp_there: It is there'],
    [
      'warp_told',
      expect.stringMatching(/^HubSpot did not make warp_told: The label of 'warp_told' is in use/),
    ],
    ...['warp_full', 'warp_full_too'].map((name) => [
      name,
      `HubSpot did not make ${name}: The portal has no room for more properties`,
    ]),
  ])
  expect(JSON.stringify(failed.map(unmade))).not.toContain('jo@example.com')
  expect(unmade(failed[0]!).fix).toContain('provision again to have it compared')
})

it('makes no reason up where a portal gives none', async () => {
  await using portal = await scriptedPortal(() => ({ status: 207, body: { results: [] } }))
  const failed = await portal.open().createProperties('companies', [property('warp_made')])
  expect(failed).toEqual([{ name: 'warp_made', category: 'UNKNOWN', message: null }])
})
