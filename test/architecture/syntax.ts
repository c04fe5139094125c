/** Reads TypeScript as a tree, so that a rule is never fooled by a comment or a text that only looks like code. */
import { parseSync } from '@swc/core'

/** Stands in a template's text for what is computed. */
export const HOLE = '…'

export interface Node {
  type: string
  span?: { start: number; end: number }
  [key: string]: unknown
}

export interface Place {
  node: Node
  line: number
  /** The source of the node, comments inside it included. */
  source: string
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const children = (node: object): object[] =>
  Object.values(node).flatMap((value) =>
    Array.isArray(value)
      ? value.filter((item) => typeof item === 'object' && item !== null)
      : typeof value === 'object' && value !== null
        ? [value]
        : [],
  )

/** Every node of a source, parents first, with its line. Throws on a source that does not parse. */
export function* places(source: string, { tsx = false } = {}): Iterable<Place> {
  // swc counts bytes from where the previous file of the process ended; the marker statement tells where this one starts.
  const marked = Buffer.from(`0;${source.replace(/^#!.*/, '')}`)
  const module = parseSync(marked.toString(), { syntax: 'typescript', tsx, target: 'esnext' })
  const base = (module.body[0] as unknown as Node).span?.start ?? 1
  const queue: object[] = module.body.slice(1).reverse()
  for (let node = queue.pop(); node; node = queue.pop()) {
    if (isNode(node)) {
      const start = (node.span?.start ?? base) - base
      const end = (node.span?.end ?? base) - base
      yield {
        node,
        get line() {
          return marked.subarray(0, start).toString().split('\n').length
        },
        get source() {
          return marked.subarray(start, end).toString()
        },
      }
    }
    queue.push(...children(node).reverse())
  }
}

/** `a.b.c` for a chain of plain members, undefined for anything else. */
export const memberPath = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === 'Identifier') return String(node.value)
  if (node.type !== 'MemberExpression') return undefined
  const object = memberPath(node.object)
  const property = memberPath(node.property)
  return object && property ? `${object}.${property}` : undefined
}

/** The text of a string or of a template, with HOLE in place of each expression; undefined for other nodes. */
export const textOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === 'StringLiteral') return String(node.value)
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return undefined
  return node.quasis
    .map((quasi: { raw?: string; cooked?: string }) => quasi.cooked ?? quasi.raw ?? '')
    .join(HOLE)
}

/** The arguments of a call, without the wrapping swc puts around each. */
export const argumentsOf = (node: Node): unknown[] =>
  Array.isArray(node.arguments)
    ? node.arguments.map((argument: { expression: unknown }) => argument.expression)
    : []
