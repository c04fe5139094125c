import { cpus, totalmem } from 'node:os'

/** A figure that has to keep to a bar. */
export interface Bar {
  name: string
  measured: number | null
  /** The bar, as a number to compare with. */
  bar: number
  is: 'at most' | 'at least'
  unit: string
  /** False when it is missed; null when it could not be measured. */
  passed: boolean | null
}

/** A figure that is only told. */
export interface Figure {
  name: string
  measured: number | string | null
  unit: string
}

export interface Report {
  bench: string
  at: string
  machine: { processors: number; model: string; memoryGb: number; node: string; platform: string }
  options: Readonly<Record<string, unknown>>
  figures: Figure[]
  bars: Bar[]
  /** Everything in detail, for programs. */
  detail: unknown
  /** Whether no bar was missed. */
  passed: boolean
}

/** Tells whoever waits what is going on; the report itself goes elsewhere. */
export const say = (what: string): void => {
  process.stderr.write(`  ${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${what}\n`)
}

const round = (value: number): number => Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 4))

/** Judges a figure. A null one is neither passed nor missed. */
export const bar = (name: string, measured: number | null, is: Bar['is'], limit: number, unit = ''): Bar => ({
  name,
  measured: measured === null ? null : round(measured),
  bar: round(limit),
  is,
  unit,
  passed: measured === null ? null : is === 'at most' ? measured <= limit : measured >= limit,
})

export const figure = (name: string, measured: number | string | null, unit = ''): Figure => ({
  name,
  measured: typeof measured === 'number' ? round(measured) : measured,
  unit,
})

export const reportOf = (
  bench: string,
  options: Readonly<Record<string, unknown>>,
  found: Pick<Report, 'figures' | 'bars' | 'detail'>,
): Report => ({
  bench,
  at: new Date().toISOString(),
  machine: {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  },
  options,
  ...found,
  passed: found.bars.every(({ passed }) => passed !== false),
})

const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join('  ')}`,
    )
    .join('\n')
}

const shown = (value: number | string | null): string => (value === null ? 'not measured' : String(value))

/** The report as people read it. */
export const tableOf = (report: Report): string => {
  const { machine } = report
  const verdict = { true: '✓', false: '✗ missed', null: '–' }
  return [
    `${report.bench} · ${report.at} · ${machine.processors} × ${machine.model}, ${machine.memoryGb} GB, Node ${machine.node}`,
    '',
    columns(report.figures.map(({ name, measured, unit }) => [name, shown(measured), unit.padEnd(12)])),
    '',
    columns(
      report.bars.map((one) => [
        one.name,
        shown(one.measured),
        one.unit.padEnd(8),
        `${one.is} ${one.bar}`,
        verdict[`${one.passed}`].padEnd(8),
      ]),
    ),
    '',
  ].join('\n')
}
