/** A property that parts of a family differ in, and the letters that stand for it in the part number. */
export interface Axis {
  /** As the catalogue names it; null for letters that only tell makers something. */
  name: string | null
  unit: string | null
  /** Relatives that differ in this alone may stand in for each other. */
  isVariant: boolean
  /** Letters in the part number, and what they stand for. */
  values: readonly (readonly [code: string, value: string])[]
}

/** Parts of one maker that are numbered by one scheme. */
export interface Family {
  manufacturer: string
  family: string
  category: string
  description: string
  /** In the order of the part number; texts stand in every number. */
  scheme: readonly (Axis | string)[]
  /** US dollars, of the cheapest and the dearest. */
  cost: readonly [number, number]
}

const pairs = (text: string): (readonly [string, string])[] =>
  text.split(' ').map((pair) => {
    const [code = '', value = code] = pair.split('=')
    return [code === '_' ? '' : code, value] as const
  })

const axis = (name: string | null, text: string, unit: string | null = null): Axis => ({
  name,
  unit,
  isVariant: false,
  values: pairs(text),
})
const variant = (name: string | null, text: string, unit: string | null = null): Axis => ({
  ...axis(name, text, unit),
  isVariant: true,
})

const PACKING = '_=tray TR=reel'

// E96 and E6: the numbers that resistors and capacitors are made in (IEC 60063).
const E96 = Array.from({ length: 96 }, (_, i) => Number((10 ** (i / 96)).toFixed(2)))
const E6 = [1, 1.5, 2.2, 3.3, 4.7, 6.8]
const E12 = [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2]

/** `4.99` and 3 → `4K99`: the letter stands where the point would. */
const ohms = (digits: number, decade: number): readonly [string, string] => {
  const value = Number((digits * 10 ** decade).toPrecision(3))
  const [letter, unit] = value < 1e3 ? ['R', 1] : value < 1e6 ? ['K', 1e3] : ['M', 1e6]
  const [whole, rest] = String(Number((value / unit).toPrecision(3))).split('.')
  return [`${whole}${letter}${rest ?? ''}`, String(value)]
}
const RESISTANCES = [1, 2, 3, 4, 5, 0].flatMap((decade) => E96.map((digits) => ohms(digits, decade)))

/** Two digits and the number of noughts, in picofarads: 2.2 and 5 → `225`. */
const CAPACITANCES = [5, 4, 3, 2, 1, 0].flatMap((decade) =>
  E6.map((digits): readonly [string, string] => [
    `${digits * 10}${decade + 1}`.replace('.', ''),
    String(Number((digits * 10 ** (decade + 2)).toPrecision(2))),
  ]),
)
/** Microhenries: `4R7`, `470`, `471`. */
const INDUCTANCES = [0, 1, 2, 3, 4].flatMap((decade) =>
  E12.map((digits): readonly [string, string] => [
    decade === 0
      ? String(digits).replace('.', 'R').padEnd(2, 'R')
      : `${digits * 10}${decade - 1}`.replace('.', ''),
    String(Number((digits * 10 ** decade).toPrecision(2))),
  ]),
)
const list = (name: string, values: readonly (readonly [string, string])[], unit: string): Axis => ({
  name,
  unit,
  isVariant: false,
  values,
})

const PINS = axis('pins', 'Z=144 V=100 I=176 R=64 C=48 B=208 N=216 A=169')
const FLASH = variant('flash', 'I=2048 G=1024 E=512 C=256 B=128', 'KB')
const ST_PACKAGE = axis('package', 'T=LQFP H=UFBGA U=UFQFPN Y=WLCSP')
const ST_TEMPERATURE = variant('temperature', '6=85 7=105 3=125', '°C')

/** Every family has room for 15,000 part numbers and more. */
export const FAMILIES: readonly Family[] = [
  {
    manufacturer: 'STMicroelectronics',
    family: 'STM32F4',
    category: 'Microcontrollers',
    description: '32-bit ARM Cortex-M4 microcontroller',
    scheme: [
      'STM32F',
      axis('line', '429 439 407 417 427 437 401 405 411 413 415 423 446 469 479 412 410'),
      PINS,
      FLASH,
      ST_PACKAGE,
      ST_TEMPERATURE,
      variant('packing', PACKING),
    ],
    cost: [4, 19],
  },
  {
    manufacturer: 'STMicroelectronics',
    family: 'STM32L4',
    category: 'Microcontrollers',
    description: '32-bit ultra-low-power ARM Cortex-M4 microcontroller',
    scheme: [
      'STM32L4',
      axis('line', '31 32 33 42 43 51 52 62 71 72 75 76 85 86 96 A6 P5 Q5 R5 R7 R9 S5'),
      PINS,
      FLASH,
      ST_PACKAGE,
      ST_TEMPERATURE,
      variant('packing', PACKING),
    ],
    cost: [2, 9],
  },
  {
    manufacturer: 'Texas Instruments',
    family: 'TPS',
    category: 'Power Management',
    description: 'Step-down converter',
    scheme: [
      'TPS',
      axis('series', '54 56 61 62 63 65'),
      axis('model', '202 231 302 331 360 531 560 130 140 160 240 260 340 540'),
      variant('revision', '_=1 A=2 B=3'),
      axis('output', '_=adjustable 12=1.2 18=1.8 25=2.5 33=3.3 50=5', 'V'),
      axis('package', 'DDA=HSOIC D=SOIC DRC=VSON DGQ=MSOP RHL=VQFN PWP=TSSOP'),
      variant('packing', 'R=reel T=tape'),
      variant('grade', '_=industrial Q1=automotive'),
    ],
    cost: [0.6, 3.5],
  },
  {
    manufacturer: 'Analog Devices',
    family: 'LT',
    category: 'Power Management',
    description: 'Low-noise regulator',
    scheme: [
      'LT',
      axis(
        'model',
        '8609 8610 8611 8612 8614 8640 8642 3042 3045 3080 3081 3083 3086 1763 1962 3010 3011 3012 3013 3014 3020 3021 3022 3023 3024 3027 3028 3029 3032 3033',
      ),
      variant('revision', '_=1 A=2 S=3'),
      variant('temperature', 'E=85 I=105 H=125 MP=150', '°C'),
      axis('package', 'MSE=MSOP DD=DFN DE=DFN-14 S8=SOIC UDC=QFN'),
      axis('output', '_=adjustable -1.8=1.8 -2.5=2.5 -3.3=3.3 -5=5', 'V'),
      '#',
      variant('packing', 'PBF=tube TRPBF=reel'),
    ],
    cost: [1.5, 9],
  },
  {
    manufacturer: 'Microchip',
    family: 'ATSAM',
    category: 'Microcontrollers',
    description: '32-bit ARM Cortex microcontroller',
    scheme: [
      'ATSAM',
      axis('line', 'D21 D20 D51 E51 E53 E54 L21 L22 C20 C21 S70 E70 V71'),
      axis('pins', 'J=64 E=32 G=48 N=100 P=128'),
      variant('flash', '18=256 17=128 16=64 19=512 20=1024 21=2048 15=32 14=16', 'KB'),
      variant('revision', 'A=1 B=2'),
      '-',
      axis('package', 'A=TQFP M=VQFN U=WLCSP'),
      variant('temperature', 'U=85 N=105 F=125', '°C'),
      variant('packing', '_=tray T=reel'),
    ],
    cost: [2, 7],
  },
  {
    manufacturer: 'Murata',
    family: 'GRM',
    category: 'Capacitors',
    description: 'Ceramic capacitor',
    scheme: [
      'GRM',
      axis('package', '188=0603 155=0402 21B=0805 31C=1206 32E=1210'),
      axis('dielectric', 'R6=X5R R7=X7R C8=X6S 5C=C0G'),
      variant('voltage', '1E=25 1H=50 1C=16 1A=10 0J=6.3 2A=100', 'V'),
      list('capacitance', CAPACITANCES, 'pF'),
      variant('tolerance', 'K=10 J=5 M=20', '%'),
      'A01',
      variant('packing', 'D=reel J=large-reel'),
    ],
    cost: [0.01, 0.2],
  },
  {
    manufacturer: 'Yageo',
    family: 'RC',
    category: 'Resistors',
    description: 'Chip resistor',
    scheme: [
      'RC',
      axis('package', '0603 0402 0805 1206 2512'),
      variant('tolerance', 'F=1 J=5 B=0.1', '%'),
      variant('packing', 'R=reel K=embossed'),
      '-',
      axis('reel', '07=7 13=13', 'in'),
      list('resistance', RESISTANCES, 'Ω'),
      'L',
    ],
    cost: [0.002, 0.02],
  },
  {
    manufacturer: 'Bourns',
    family: 'SR',
    category: 'Inductors',
    description: 'Shielded power inductor',
    scheme: [
      'SR',
      axis('series', 'N P R'),
      axis('package', '6045 3012 4018 5040 8040 1060 1265'),
      '-',
      list('inductance', INDUCTANCES, 'µH'),
      variant('tolerance', 'M=20 Y=30 K=10', '%'),
      axis('shield', '_=full A=semi B=none'),
      variant('packing', '_=reel T=tape'),
    ],
    cost: [0.1, 0.9],
  },
  {
    manufacturer: 'Samtec',
    family: 'TSW',
    category: 'Connectors',
    description: 'Pin header 2.54 mm',
    scheme: [
      'TSW-1',
      list(
        'positions',
        Array.from(
          { length: 36 },
          (_, i) => [String(((i + 9) % 36) + 1).padStart(2, '0'), String(((i + 9) % 36) + 1)] as const,
        ),
        '',
      ),
      '-',
      axis('lead', '07 05 06 08 09 10 14 17 23 26'),
      '-',
      variant('plating', 'G=gold L=light-gold T=tin S=selective F=flash'),
      '-',
      axis('rows', 'D=2 S=1 T=3'),
      axis('mount', '_=through-hole -RA=right-angle -LL=locking -VS=surface'),
    ],
    cost: [0.2, 4],
  },
  {
    manufacturer: 'Nexperia',
    family: '74',
    category: 'Logic',
    description: 'Logic gate',
    scheme: [
      '74',
      axis('technology', 'LVC AHC HC HCT AUP LVT ALVC'),
      axis('gates', '1G=1 2G=2 3G=3 _=4'),
      axis(
        'function',
        '08 00 02 04 14 32 74 86 125 126 138 139 157 164 240 244 245 257 373 374 541 573 574 595',
      ),
      axis('package', 'GW=TSSOP5 D=SO PW=TSSOP BQ=DHVQFN GV=SC-74A DC=VSSOP GM=XSON'),
      variant('grade', '_=industrial -Q100=automotive'),
      variant('packing', ',125=reel ,115=small-reel ,118=large-reel'),
    ],
    cost: [0.05, 0.6],
  },
]
