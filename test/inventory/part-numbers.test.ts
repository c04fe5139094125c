import { expect, it } from 'vitest'
import { baseNumber, normalNumber, understand } from '#subgraphs/inventory/domain/part-numbers.ts'

const known = (partNumber: string, manufacturer = 'Maker', id = `${manufacturer} ${partNumber}`) => ({
  id,
  partNumber,
  manufacturer,
})

it.each([
  ['stm32f429-zit6', 'STM32F429ZIT6', 'STM32F429ZIT6'],
  ['STM32F429ZIT6TR', 'STM32F429ZIT6TR', 'STM32F429ZIT6'],
  ['LT8609EMSE#TRPBF', 'LT8609EMSETRPBF', 'LT8609EMSE'],
  ['LM317DCYR/NOPB', 'LM317DCYRNOPB', 'LM317DCYR'],
  ['ADM3485EARZ-REEL7', 'ADM3485EARZREEL7', 'ADM3485EARZ'],
  ['74LVC1G08GW,125', '74LVC1G08GW125', '74LVC1G08GW'],
  ['TPS54331 T/R', 'TPS54331TR', 'TPS54331'],
  ['ATR', 'ATR', 'ATR'],
])('reads %s as %s, and without its packing as %s', (written, normal, base) => {
  expect(normalNumber(written)).toBe(normal)
  expect(baseNumber(written)).toBe(base)
})

it('understands a part number as it stands, then by its letters, then without its packing', () => {
  const parts = [known('STM32F429ZIT6'), known('STM32F429ZIT6TR')]
  const ask = (partNumber: string) => understand({ partNumber, manufacturer: '' }, parts)
  expect(ask('STM32F429ZIT6TR')).toEqual({ match: 'EXACT', componentId: 'Maker STM32F429ZIT6TR' })
  expect(ask('stm32f429 zit6')).toEqual({ match: 'NORMALISED', componentId: 'Maker STM32F429ZIT6' })
  expect(understand({ partNumber: 'STM32F429ZIT6-REEL', manufacturer: '' }, [parts[0]!])).toEqual({
    match: 'PACKING',
    componentId: 'Maker STM32F429ZIT6',
  })
  expect(ask('STM32F429ZIT6-REEL')).toEqual({ match: 'UNSURE', componentId: null })
  expect(ask('SOMETHING')).toEqual({ match: 'NONE', componentId: null })
})

it('lets the maker decide between equal numbers, and asks when nobody is named or another is', () => {
  const parts = [known('LM317', 'Texas Instruments'), known('LM317', 'onsemi')]
  expect(understand({ partNumber: 'LM317', manufacturer: 'texas-instruments' }, parts)).toEqual({
    match: 'EXACT',
    componentId: 'Texas Instruments LM317',
  })
  expect(understand({ partNumber: 'LM317', manufacturer: '' }, parts).match).toBe('UNSURE')
  expect(understand({ partNumber: 'LM317', manufacturer: 'Fairchild' }, parts).match).toBe('UNSURE')
  expect(understand({ partNumber: 'LM317', manufacturer: 'Fairchild' }, [parts[0]!]).match).toBe('UNSURE')
})
