import { expect, it } from 'vitest'
import { type Supply, supplyRisks } from '#subgraphs/inventory/domain/supply-risks.ts'

const source = (supplierId: string, over: Partial<Supply['sources'][number]> = {}) => ({
  supplierId,
  leadTimeDays: 30,
  onTime: 0.95,
  isApproved: true,
  ...over,
})
const sound: Supply = {
  free: 1_000,
  demandPerDay: 10,
  lifecycle: 'ACTIVE',
  sources: [source('A'), source('B')],
}
const told = (supply: Partial<Supply>) =>
  supplyRisks({ ...sound, ...supply }).map(({ kind, severity }) => `${kind} ${severity}`)

it('warns of nothing where stock lasts, suppliers deliver and the part lives', () => {
  expect(supplyRisks(sound)).toEqual([])
})

it('warns of stock that ends before new parts can come, the more the sooner', () => {
  expect(told({ free: 300 })).toEqual([])
  expect(told({ free: 299 })).toEqual(['SHORTAGE LOW'])
  expect(told({ free: 190 })).toEqual(['SHORTAGE MEDIUM'])
  expect(told({ free: 90 })).toEqual(['SHORTAGE HIGH'])
  expect(told({ free: 299, sources: [source('A'), source('B', { leadTimeDays: 10 })] })).toEqual([])
  expect(supplyRisks({ ...sound, free: 55 })[0]).toMatchObject({
    coverageDays: 5,
    reason: 'What is left lasts 5 days; the fastest supplier needs 30 days.',
  })
  expect(supplyRisks({ ...sound, free: -40 })[0]).toMatchObject({
    coverageDays: 0,
    reason: 'What is left lasts 0 days; the fastest supplier needs 30 days.',
  })
  expect(told({ free: 0, demandPerDay: null })).toEqual([])
})

it('warns of a single source, whatever others offer who are not approved', () => {
  expect(told({ sources: [source('A'), source('B', { isApproved: false })] })).toEqual([
    'SINGLE_SOURCE MEDIUM',
  ])
  expect(told({ sources: [source('A')], demandPerDay: 0.01 })).toEqual([])
})

it('warns of parts that end, most where they are wanted', () => {
  expect(told({ lifecycle: 'NOT_FOR_NEW_DESIGNS' })).toEqual(['END_OF_LIFE LOW'])
  expect(told({ lifecycle: 'LAST_TIME_BUY' })).toEqual(['END_OF_LIFE HIGH'])
  expect(told({ lifecycle: 'OBSOLETE', demandPerDay: null })).toEqual(['END_OF_LIFE LOW'])
  expect(told({ lifecycle: null })).toEqual([])
})

it('warns of suppliers that are late, more where nobody else delivers in time', () => {
  const late = source('L', { onTime: 0.6 })
  expect(told({ sources: [late, source('A')] })).toEqual(['LATE_SUPPLIER LOW'])
  expect(told({ sources: [late, source('M', { onTime: 0.7 })] })).toEqual([
    'LATE_SUPPLIER MEDIUM',
    'LATE_SUPPLIER MEDIUM',
  ])
  expect(told({ sources: [source('N', { onTime: null }), source('A')] })).toEqual([])
})

it('puts the worst first', () => {
  expect(told({ free: 0, lifecycle: 'NOT_FOR_NEW_DESIGNS', sources: [source('A')] })).toEqual([
    'SHORTAGE HIGH',
    'SINGLE_SOURCE MEDIUM',
    'END_OF_LIFE LOW',
  ])
})
