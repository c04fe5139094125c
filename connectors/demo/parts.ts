import { KIND, Rng } from './random.ts'

/** A component that can be asked for and be in stock. */
export interface Part {
  index: number
  partNumber: string
  manufacturer: string
  family: string
  description: string
  /** US dollars, four decimals. */
  unitCost: string
  /** Index of a part of the same family that can stand in for it. */
  alternative: number | null
}

/** One lot of a part on one shelf. */
export interface StockRow {
  index: number
  stockId: string
  part: number
  partNumber: string
  location: string
  available: number
  reserved: number
  /** US dollars, four decimals. */
  costPerUnit: string
  /** Year and week, such as 2540. */
  dateCode: string
  lotCode: string
  /** Epoch milliseconds. */
  countedAt: number
}

interface Family {
  manufacturer: string
  family: string
  description: string
  /** Lists that are multiplied into part numbers. */
  pieces: readonly (readonly string[])[]
  cost: readonly [number, number]
}

const words = (text: string): string[] => text.split(' ')

const FAMILIES: readonly Family[] = [
  {
    manufacturer: 'STMicroelectronics',
    family: 'STM32F4',
    description: '32-bit ARM Cortex-M4 microcontroller',
    pieces: [
      ['STM32F'],
      words('429 439 407 417 427 437 401 411 446 469'),
      words('Z V I'),
      words('I G E'),
      ['T6', 'T7'],
    ],
    cost: [4, 19],
  },
  {
    manufacturer: 'STMicroelectronics',
    family: 'STM32G0',
    description: '32-bit ARM Cortex-M0+ microcontroller',
    pieces: [['STM32G0'], words('30 31 41 70 71 B1'), words('C K R'), words('6 8 B'), ['T6', 'U6']],
    cost: [1, 4],
  },
  {
    manufacturer: 'Texas Instruments',
    family: 'TPS54',
    description: 'Step-down converter',
    pieces: [['TPS54'], words('202 231 302 331 360 531 560'), ['', 'A', 'B'], words('DDAR DRCR DGQR')],
    cost: [0.6, 3.5],
  },
  {
    manufacturer: 'Texas Instruments',
    family: 'LM317',
    description: 'Adjustable regulator',
    pieces: [['LM317'], ['', 'A', 'L', 'M'], words('DCYR KCSR KTTR DR')],
    cost: [0.2, 1.4],
  },
  {
    manufacturer: 'Microchip',
    family: 'ATSAMD',
    description: '32-bit ARM Cortex-M0+ microcontroller',
    pieces: [['ATSAMD'], words('20 21 51'), words('E G J'), words('16 17 18 19'), words('A-AU A-MU B-AU')],
    cost: [2, 7],
  },
  {
    manufacturer: 'Murata',
    family: 'GRM188',
    description: 'Ceramic capacitor 0603',
    pieces: [
      ['GRM188'],
      words('R61 R71 C71'),
      words('A C E H'),
      words('104 105 225 475 106'),
      words('KA01D KE15D MA12D'),
    ],
    cost: [0.01, 0.2],
  },
  {
    manufacturer: 'Yageo',
    family: 'RC0603',
    description: 'Chip resistor 0603',
    pieces: [['RC0603'], words('FR JR'), ['-07'], words('10K 1K 100R 4K7 22K 47K 100K 330R 2K2 1M'), ['L']],
    cost: [0.002, 0.02],
  },
  {
    manufacturer: 'Espressif',
    family: 'ESP32',
    description: 'Wi-Fi and Bluetooth module',
    pieces: [
      ['ESP32'],
      words('-WROOM-32E -S3-WROOM-1 -C3-MINI-1 -C6-WROOM-1 -S2-SOLO'),
      words('-N4 -N8 -N16'),
      ['', 'R2', 'R8'],
    ],
    cost: [2, 6],
  },
  {
    manufacturer: 'Analog Devices',
    family: 'ADM3',
    description: 'RS-485 transceiver',
    pieces: [['ADM3'], words('072 075 078 485 490 491'), words('A E'), words('ARZ BRZ CRZ'), ['', '-REEL7']],
    cost: [1.5, 9],
  },
]

const sizes = FAMILIES.map((f) => f.pieces.reduce((product, list) => product * list.length, 1))

/** How many different part numbers there are. */
export const PART_NUMBERS = Math.min(...sizes) * FAMILIES.length

/** Makes the part at an index; families take turns. */
export const part = (seed: number, index: number): Part => {
  const at = index % FAMILIES.length
  const family = FAMILIES[at]!
  const turn = Math.floor(index / FAMILIES.length)
  const rng = new Rng(seed, KIND.part, index)
  const [low, high] = family.cost
  return {
    index,
    partNumber: spelled(family.pieces, turn % sizes[at]!),
    manufacturer: family.manufacturer,
    family: family.family,
    description: family.description,
    unitCost: (low + rng.next() * (high - low)).toFixed(4),
    alternative: turn > 0 && rng.chance(0.5) ? index - FAMILIES.length : null,
  }
}

// The first piece that has a choice varies slowest, so that neighbours in the list are relatives.
const spelled = (pieces: readonly (readonly string[])[], number: number): string => {
  let rest = number
  return [...pieces]
    .reverse()
    .map((list) => {
      const piece = list[rest % list.length]!
      rest = Math.floor(rest / list.length)
      return piece
    })
    .reverse()
    .join('')
}

const SITES = ['DEN', 'AUS', 'CHI', 'BOS', 'SJC'] as const
const DAY_MS = 86_400_000

/** Makes the stock row at an index. */
export const stockRow = (seed: number, index: number, parts: number, anchor: number): StockRow => {
  const rng = new Rng(seed, KIND.stock, index)
  const held = part(seed, index % parts)
  const cheap = Number(held.unitCost) < 0.3
  const available = rng.chance(0.07) ? 0 : Math.floor(rng.next() ** 2 * (cheap ? 200_000 : 6_000))
  return {
    index,
    stockId: `S-${100_000 + index}`,
    part: held.index,
    partNumber: held.partNumber,
    location: `${rng.pick(SITES)}-${String.fromCharCode(65 + rng.int(0, 7))}${rng.int(1, 40)}`,
    available,
    reserved: Math.floor(available * rng.next() * 0.4),
    costPerUnit: (Number(held.unitCost) * (0.85 + rng.next() * 0.4)).toFixed(4),
    dateCode: `${rng.int(23, 26)}${String(rng.int(1, 52)).padStart(2, '0')}`,
    lotCode: `L${rng.int(100_000, 999_999)}${String.fromCharCode(65 + rng.int(0, 25))}`,
    countedAt: anchor - Math.round(rng.next() * 45 * DAY_MS),
  }
}
