/** Settings as a file that people keep and take elsewhere: JSON of a named form, the same text for the same settings. */
import type { z } from 'zod'

/** Longest file that is read. */
const LONGEST = 1_000_000

/** A form of files. `format` goes up when an older hub could not read it. */
export interface FileForm<T> {
  format: string
  /** What such files are, for people. */
  what: string
  shape: z.ZodType<T>
}

/** Writes settings of a form. */
export const writeFile = (
  { format }: Pick<FileForm<unknown>, 'format'>,
  content: Readonly<Record<string, unknown>>,
): string => `${JSON.stringify({ format, ...content }, inOrder, 2)}\n`

const inOrder = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Reads settings of a form. @returns them, or what is wrong with the file */
export const readFile = <T>(
  text: string,
  { format, what, shape }: FileForm<T>,
): { content: T } | { wrong: string } => {
  if (text.length > LONGEST) return { wrong: `The file is too long to be one of ${what}.` }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { wrong: 'The file is no JSON. Export one to see the form.' }
  }
  const read = shape.safeParse(json)
  if (read.success) return { content: read.data }
  const [issue] = read.error.issues
  const where = issue?.path.join('.')
  return {
    wrong: `The file is not of the form ${format}${where ? `, at ${where}` : ''}: ${issue?.message ?? ''}`,
  }
}
