/** Puts what was looked up into a sentence of a language. */
import type { Choice, Intent } from '#chat/contract.ts'
import type { Answers } from '#chat/language/language.ts'

type Row = Record<string, unknown>

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isMoney = (value: unknown): value is { amount: string; currency: string } =>
  isRow(value) && typeof value.amount === 'string' && typeof value.currency === 'string'

interface List {
  name: string
  nodes: Row[]
  isMore: boolean
  count: number | null
  totals: { amount: string; currency: string }[]
}

const listOf = (name: string, value: unknown): List | undefined => {
  if (!isRow(value) || !Array.isArray(value.nodes)) return undefined
  const totals = (Array.isArray(value.totals) ? value.totals : []).flatMap((one) =>
    isRow(one) && isMoney(one.total) ? [one.total] : [],
  )
  const pageInfo = isRow(value.pageInfo) ? value.pageInfo : {}
  const count = typeof value.totalCount === 'number' ? value.totalCount : null
  return { name, nodes: value.nodes.filter(isRow), isMore: pageInfo.hasNextPage === true, count, totals }
}

const openOf = (intent: Intent, variables: Row): boolean | undefined => {
  const place = intent.places.find(({ path }) => path === 'open')
  const open = variables.open === undefined ? place?.fallback : variables.open
  return typeof open === 'boolean' ? open : undefined
}

/** The one thing of a record that its operation is about: a score, or an amount. */
const figureOf = (record: Row, { amount, money, score: scored }: Answers): string | undefined => {
  for (const [name, value] of Object.entries(record)) {
    if (isMoney(value)) return amount(name, money(value))
    if (!isRow(value)) continue
    const { score } = value
    if (typeof score === 'string' || typeof score === 'number') return scored(name, score)
    for (const [inner, part] of Object.entries(value)) if (isMoney(part)) return amount(inner, money(part))
  }
  return undefined
}

/** What was found, in words. */
export const sentenceOf = (intent: Intent, variables: Row, data: Row, answers: Answers): string => {
  const entries = Object.entries(data)
  const [[name, root] = ['', null]] = entries
  if (entries.length !== 1) return intent.description
  if (root === null || root === undefined) return answers.nothing
  const counted = ({ name: field, nodes, isMore, count, totals }: List, open?: boolean): string =>
    answers.list({
      ...{ field, open, count: count ?? nodes.length, isMore: count === null && isMore },
      worth: totals.map(answers.money),
    })
  const there = (list: List, open?: boolean): string =>
    answers.there(counted(list, open), (list.count ?? list.nodes.length) === 1)
  const list = listOf(name, root)
  const open = openOf(intent, variables)
  if (list) return there(list, open)
  if (!isRow(root))
    return Array.isArray(root)
      ? there({ name, nodes: root, isMore: false, count: root.length, totals: [] })
      : answers.value(name, String(root))
  const called = root.name ?? root.number ?? root.partNumber ?? root.e164 ?? root.ban
  const lists = Object.entries(root).flatMap(([field, value]) => listOf(field, value) ?? [])
  const isMeant = (one: List) => intent.name.toLowerCase().endsWith(one.name.toLowerCase())
  const about = lists.find(isMeant) ?? lists[0]
  if (typeof called !== 'string') return about ? there(about, open) : intent.description
  if (about && (lists.length === 1 || isMeant(about))) return answers.has(called, [counted(about, open)])
  if (about)
    return answers.has(
      called,
      lists.map((one) => counted(one)),
    )
  return answers.about(called, figureOf(root, answers))
}

const KINDS: Readonly<Record<string, string>> = {
  ...{ customers: 'customer', unifiedCustomers: 'customer', trunks: 'trunk', deals: 'deal', rfqs: 'rfq' },
  ...{ portfolio: 'customer', healthMovers: 'customer' },
}

/** What was listed: what "the second one" means in the next sentence. */
export const listedIn = (data: Row): Choice[] => {
  const [[name, root] = ['', null]] = Object.entries(data)
  const list =
    listOf(name, root) ??
    (isRow(root)
      ? Object.entries(root).flatMap(([field, value]) => listOf(field, value) ?? [])[0]
      : undefined)
  const kind = list && KINDS[list.name]
  if (!list || !kind) return []
  return list.nodes.slice(0, 50).flatMap((node) => {
    const record = isRow(node.customer) && kind === 'customer' ? node.customer : node
    const label = record.name ?? record.number
    return typeof record.id === 'string' && typeof label === 'string'
      ? [{ label, subject: { kind, id: record.id, label } }]
      : []
  })
}
